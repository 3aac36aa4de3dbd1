using Google.Protobuf;
using KubeMind.V2;

/// <summary>Incidents by their id, each in a file. An incident that is in here survives a crash of this process.</summary>
public sealed class IncidentStore
{
    private readonly string folder = Directory.CreateDirectory("incidents").FullName;

    /// <summary>True if it is new. On the disk when this returns, which is when an acknowledgement may go out.</summary>
    public async Task<bool> AddAsync(IncidentContext incident, CancellationToken cancellation)
    {
        // 32 hexadecimal digits by the contract; a file name must not depend on a stranger's word for that.
        if (incident.IncidentId.Length > 64 || !incident.IncidentId.All(char.IsAsciiLetterOrDigit))
        {
            throw new Grpc.Core.RpcException(
                new Grpc.Core.Status(Grpc.Core.StatusCode.InvalidArgument, "incident_id is not what the contract says"));
        }
        var target = Path.Combine(folder, incident.IncidentId + ".pb");
        if (File.Exists(target))
        {
            return false;
        }
        var temporary = Path.Combine(folder, $".{incident.IncidentId}.{Guid.NewGuid():N}");
        await using (var file = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write))
        {
            await file.WriteAsync(incident.ToByteArray(), cancellation);
            file.Flush(flushToDisk: true);
        }
        try
        {
            // Fails where another stream was quicker with the same incident.
            File.Move(temporary, target);
            return true;
        }
        catch (IOException) when (File.Exists(target))
        {
            File.Delete(temporary);
            return false;
        }
    }
}
