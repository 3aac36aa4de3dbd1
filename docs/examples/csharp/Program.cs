// A small orchestrator for kube-mind on ASP.NET Core. docs/orchestrator.md says what it must do.
//
//     dotnet run
//     kube-mind send incident.json --orchestrator http://127.0.0.1:50051

using Microsoft.AspNetCore.Server.Kestrel.Core;

var builder = WebApplication.CreateBuilder(args);

builder.WebHost.ConfigureKestrel(kestrel =>
{
    // gRPC without TLS needs HTTP/2 alone on its port. With a certificate: listen.UseHttps(…), and mTLS by its
    // ClientCertificateMode.
    kestrel.ListenLocalhost(50051, listen => listen.Protocols = HttpProtocols.Http2);
    // Finds sensors that are gone without a word, and keeps long quiet streams alive through middleboxes.
    kestrel.Limits.Http2.KeepAlivePingDelay = TimeSpan.FromSeconds(60);
    // A quiet cluster sends nothing for days: no rate is too low.
    kestrel.Limits.MinRequestBodyDataRate = null;
});

// Room for what is on its way when the process is told to stop.
builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(10));

builder.Services.AddGrpc(grpc => grpc.MaxReceiveMessageSize = 4 * 1024 * 1024);
builder.Services.AddGrpcHealthChecks().AddCheck("store", () =>
    Microsoft.Extensions.Diagnostics.HealthChecks.HealthCheckResult.Healthy());
builder.Services.AddSingleton<IncidentStore>();

var app = builder.Build();
app.MapGrpcService<IncidentReceiver>();
app.MapGrpcHealthChecksService();
app.Run();
