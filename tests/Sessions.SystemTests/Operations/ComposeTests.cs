using System.Diagnostics;
using System.Net;
using System.Text.Json.Nodes;
using Sessions.SystemTests.Audit;
using Sessions.SystemTests.Harness;

namespace Sessions.SystemTests.Operations;

/// <summary>What docker-compose.yml describes, run as processes: a migration, two silos, two gateways.</summary>
[Collection(Lane.Started)]
public sealed class ComposeTests : IDisposable
{
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(2);

    private readonly TempFolder _volumes = new();
    private readonly Compose _compose;
    private readonly Dictionary<string, RoleProcess> _processes = [];

    public ComposeTests() => _compose = new Compose(_volumes.Path);

    [Fact]
    public async Task The_compose_cluster_captures_events_survives_the_loss_of_a_silo_and_stops_in_its_grace_period()
    {
        await using OwnPostgres postgres = await OwnPostgres.Launch();
        await postgres.Execute("drop database sessions");
        await Run("migrate", postgres);
        await Run("certificates", postgres);
        Assert.False(await postgres.Holds("select rolsuper from pg_roles where rolname = 'sessions'"));
        string[] servers = [.. _compose.Ours.Where(service => service is not ("migrate" or "certificates"))];
        Assert.Equal(["silo-1", "silo-2", "gateway-1", "gateway-2", "columns"], servers);
        foreach (string service in servers)
        {
            Assert.Equal("service_completed_successfully", _compose.WaitsFor(service)["migrate"]);
            Assert.Equal("service_completed_successfully", _compose.WaitsFor(service)["certificates"]);
            Start(service, postgres);
        }

        foreach (string service in servers)
        {
            await Wait.For(() => IsHealthy(service), () => $"{service} does not become healthy.{Environment.NewLine}{_processes[service].Output}", Bound);
        }

        foreach (Uri metrics in _compose.ScrapedByPrometheus())
        {
            using HttpClient prometheus = new();
            Assert.Contains("sessions_build_info", await prometheus.GetStringAsync(metrics), StringComparison.Ordinal);
        }

        using Gateway first = Gateway("gateway-1");
        using Gateway second = Gateway("gateway-2");
        string session = Events.NewSessionId();
        string person = Events.NewDistinctId("composed");
        await first.Track(Events.Event("$pageview", person, session));
        JsonObject late = Events.Event("$autocapture", person, session);
        Signals.Kill9(_processes["silo-1"].Pid);
        await Wait.For(async () => !await IsHealthy("silo-1"), "a dead silo is said to be healthy", Bound);
        await Wait.For(
            async () =>
            {
                using HttpResponseMessage answer = await second.Capture([late]);
                return answer.StatusCode == HttpStatusCode.OK;
            },
            "the other silo does not take over",
            Bound);
        Assert.Equal(2, (int?)(await first.Session(session))?["$event_count"]);
        // "restart: unless-stopped"
        Start("silo-1", postgres);
        await Wait.For(() => IsHealthy("silo-1"), () => $"silo-1 does not come back.{Environment.NewLine}{_processes["silo-1"].Output}", Bound);

        await using Npgsql.NpgsqlDataSource reader = Npgsql.NpgsqlDataSource.Create(new Npgsql.NpgsqlConnectionStringBuilder(
            _compose.Environment("gateway-1", postgres.Port)["ConnectionStrings__Postgres"])
        { Username = "sessions_reader_default", Password = RoleCluster.ReaderPassword });
        await Books.AddUp(reader, session);
        foreach (string service in servers.Reverse())
        {
            long asked = Stopwatch.GetTimestamp();
            await _processes[service].Stop();
            Assert.InRange(Stopwatch.GetElapsedTime(asked), TimeSpan.Zero, _compose.Grace(service) * Load.Slowness);
        }
    }

    public void Dispose()
    {
        foreach (RoleProcess process in _processes.Values)
        {
            process.Dispose();
        }

        _volumes.Dispose();
    }

    private void Start(string service, OwnPostgres postgres)
    {
        _processes.Remove(service, out RoleProcess? before);
        before?.Dispose();
        _processes[service] = RoleProcess.Start(
            _compose.Command(service), $"compose-{service}{(before is null ? "" : "-again")}", _compose.Environment(service, postgres.Port));
    }

    private async Task Run(string service, OwnPostgres postgres)
    {
        Start(service, postgres);
        int exitCode = await _processes[service].Ends(Bound);
        Assert.True(exitCode == 0, $"{service} ended with {exitCode}.{Environment.NewLine}{_processes[service].Output}");
    }

    private async Task<bool> IsHealthy(string service)
    {
        string[] check = _compose.HealthCheck(service);
        Assert.Equal(["dotnet", "Sessions.Host.dll"], check.Take(2));
        using RoleProcess asked = RoleProcess.Start(check[2..], $"compose-{service}-health", new Dictionary<string, string>());
        return await asked.Ends() == 0;
    }

    private Gateway Gateway(string service) =>
        new(new Uri($"http://{_compose.Address(service)}:{_compose.Published(service).Inside}"), RoleCluster.Token, RoleCluster.ApiKey);
}
