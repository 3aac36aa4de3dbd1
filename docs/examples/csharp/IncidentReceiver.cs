using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using KubeMind.V2;

/// <summary>The receiving side of the contract: one answer for each incident, after it is kept.</summary>
public sealed class IncidentReceiver(IncidentStore store, ILogger<IncidentReceiver> log)
    : IncidentService.IncidentServiceBase
{
    public override async Task StreamIncidents(
        IAsyncStreamReader<IncidentContext> incidents, IServerStreamWriter<IncidentAck> answers, ServerCallContext context)
    {
        // Ends when the sensor half-closes; throws when its connection is lost, and then it sends again what was not answered.
        await foreach (var incident in incidents.ReadAllAsync(context.CancellationToken))
        {
            var answer = new IncidentAck
            {
                IncidentId = incident.IncidentId,
                ReceivedAt = Timestamp.FromDateTime(DateTime.UtcNow),
            };
            if (incident.IncidentId.Length == 0)
            {
                // For this incident alone: the stream goes on.
                answer.Outcome = Outcome.Rejected;
                answer.Reason = "an incident without an id cannot be told from others";
            }
            else if (await store.AddAsync(incident, context.CancellationToken))
            {
                answer.Outcome = Outcome.Accepted;
                log.LogInformation(
                    "{Namespace}/{Pod}: {Class}", incident.Workload.Namespace, incident.Workload.Pod, incident.Failure.Class);
            }
            else
            {
                answer.Outcome = Outcome.Duplicate;
            }
            await answers.WriteAsync(answer);
        }
    }
}
