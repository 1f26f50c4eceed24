using System.Text.Json;
using Orleans.Configuration;
using Sessions;
using Sessions.Samples.EventPipe;
using Sessions.Samples.GameBackend;

// Tracks the events that it reads from standard input: a JSON object a line, in the form of an exported event. It prints
// what became of each, in their order, and ends with 1 when one was refused.
//   dotnet run --project tests/Sessions.Samples.EventPipe -- FILE < events.ndjson
// FILE is what ./run --ready-file FILE has written.
if (args.Length != 1 || args[0] == "--help")
{
    Console.Error.WriteLine("Usage: FILE, which ./run --ready-file FILE has written; events come from standard input, one a line");
    return 2;
}

const int BatchEvents = 500;
ClusterAccess access = ClusterAccess.Read(args[0]);
HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
builder.UseSessionsClient(
    cluster => cluster
        .Configure<ClusterOptions>(options => (options.ClusterId, options.ServiceId) = (access.ClusterId, access.ServiceId))
        .UseAdoNetClustering(options => (options.Invariant, options.ConnectionString) = (access.Invariant, access.ConnectionString))
        .UseTls(access.Tls),
    options => options.Project = access.Project);
using IHost host = builder.Build();
await host.StartAsync();
ISessionsClient sessions = host.Services.GetRequiredService<ISessionsClient>();

bool allTaken = true;
List<SessionEvent> batch = [];
while (true)
{
    string? line = await Console.In.ReadLineAsync();
    if (line is { Length: > 0 })
    {
        batch.Add(JsonSerializer.Deserialize<EventLine>(line)!.ToEvent());
    }

    if (batch.Count > 0 && (line is null || batch.Count == BatchEvents))
    {
        // Events are durable when this returns, and the next batch comes after them.
        TrackReceipt receipt = await sessions.Track(batch);
        foreach (EventReceipt made in receipt.Events)
        {
            Console.WriteLine($"{made.Outcome} {made.SessionId} {made.Reason}".TrimEnd());
            allTaken &= made.Outcome != EventOutcome.Invalid;
        }

        batch.Clear();
    }

    if (line is null)
    {
        break;
    }
}

await host.StopAsync();
return allTaken ? 0 : 1;
