using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using OpenTelemetry.Trace;
using Orleans.Configuration;
using Sessions;
using Sessions.Samples.GameBackend;

// A game server whose players' sessions are tracked by calling grains.
//   dotnet run --project tests/Sessions.Samples.GameBackend -- --ready-file FILE            the server, on port 8300
//   dotnet run --project tests/Sessions.Samples.GameBackend -- --ready-file FILE --bots 8   bots play until standard
//                                                                                           input ends, then report
// FILE is what ./run --ready-file FILE has written.
if (args.Length == 0 || args.Contains("--help"))
{
    Console.WriteLine("Usage: --ready-file FILE [--port PORT] [--bots N]");
    return args.Length == 0 ? 2 : 0;
}

WebApplicationBuilder builder = WebApplication.CreateBuilder();
builder.Configuration.AddCommandLine(args);
ClusterAccess access = ClusterAccess.Read(builder.Configuration["ready-file"] ?? throw new ArgumentException("--ready-file is missing"));
int bots = int.Parse(builder.Configuration["bots"] ?? "0", CultureInfo.InvariantCulture);
builder.WebHost.UseUrls($"http://127.0.0.1:{builder.Configuration["port"] ?? (bots > 0 ? "0" : "8300")}");
builder.Logging.ClearProviders().AddSimpleConsole().AddFilter("Orleans", LogLevel.Error).AddFilter("Microsoft", LogLevel.Warning);

builder.UseSessionsClient(
    cluster => cluster
        .Configure<ClusterOptions>(options => (options.ClusterId, options.ServiceId) = (access.ClusterId, access.ServiceId))
        .UseAdoNetClustering(options => (options.Invariant, options.ConnectionString) = (access.Invariant, access.ConnectionString))
        .UseTls(access.Tls),
    options => options.Project = access.Project);
if (!string.IsNullOrEmpty(Environment.GetEnvironmentVariable("OTEL_EXPORTER_OTLP_ENDPOINT")))
{
    // A move in the game and what the silos do with it are one trace.
    builder.Services.AddOpenTelemetry().WithTracing(traces => traces
        .AddSource("Microsoft.AspNetCore", "Sessions.Client", "Microsoft.Orleans.Application")
        .AddOtlpExporter());
}

builder.Services.AddSingleton<PlayerSessions>();
builder.Services.AddSingleton<Lobby>();
builder.Services.AddSingleton<Turnout>().AddHostedService(services => services.GetRequiredService<Turnout>());

await using WebApplication app = builder.Build();
app.MapGame();
await app.StartAsync();
string address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
Console.WriteLine($"The game is on {address}");
if (bots == 0)
{
    await app.WaitForShutdownAsync();
    return 0;
}

using HttpClient http = new() { BaseAddress = new Uri(address) };
Turnout turnout = app.Services.GetRequiredService<Turnout>();
await turnout.Watching;
BotReport[] reports = await BotLeague.Play(http, bots, Console.In);
// News are told at most once, so nobody waits for them for ever.
bool allLeft = await turnout.IsEmpty(patience: TimeSpan.FromSeconds(10));
Console.WriteLine(allLeft ? "turnout: nobody plays" : $"turnout: no news of {string.Join(", ", turnout.Playing)}");
Console.WriteLine($"report {JsonSerializer.Serialize(reports, JsonSerializerOptions.Web)}");
await app.StopAsync();
return 0;
