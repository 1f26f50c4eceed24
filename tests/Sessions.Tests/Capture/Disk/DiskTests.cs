using System.ComponentModel.DataAnnotations;
using System.Diagnostics.Metrics;
using System.Net;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging.Abstractions;
using Sessions.Capture.Disk;
using Sessions.Domain.Storage;
using Sessions.Web.Api;

namespace Sessions.Tests.Capture.Disk;

/// <summary>A disk that fills: recordings are dropped first, then events are refused, and all of it ends with the room back.</summary>
public sealed class DiskTests
{
    private const string Event = """{"api_key":"phc_good","event":"a","distinct_id":"anna"}""";

    private static readonly string Snapshot = $$$$"""
        [{"event":"$snapshot","api_key":"phc_good","properties":{"distinct_id":"anna","$session_id":"{{{{Guid.CreateVersion7()}}}}","$window_id":"w","$snapshot_data":[{"type":4,"timestamp":{{{{DateTimeOffset.UtcNow.ToUnixTimeMilliseconds()}}}},"data":{"href":"https://shop.example/"}}]}}]
        """;

    [Fact]
    public async Task On_a_low_disk_recordings_are_dropped_with_a_reason_and_events_are_taken()
    {
        await using CaptureServer server = await Start();

        await Fill(server, 149, DiskLevel.Low);

        using HttpResponseMessage recording = await server.Post("/s/", Snapshot);
        using HttpResponseMessage taken = await server.Post("/e/", Event);
        Assert.Equal("""{"status":"Ok","dropped":[{"index":0,"reason":"disk_low"}]}""", await recording.Content.ReadAsStringAsync());
        Assert.Equal(HttpStatusCode.OK, taken.StatusCode);
        Assert.Contains("14.9 % free", server.Get<DiskWatch>().Trouble, StringComparison.Ordinal);
    }

    [Fact]
    public async Task On_a_nearly_full_disk_events_get_503_until_there_is_room()
    {
        await using CaptureServer server = await Start();

        await Fill(server, 49, DiskLevel.Full);
        using HttpResponseMessage refused = await server.Post("/e/", Event);
        using HttpResponseMessage recording = await server.Post("/s/", Snapshot);
        await Fill(server, 500, DiskLevel.Enough);
        using HttpResponseMessage taken = await server.Post("/e/", Event);

        Assert.Equal((HttpStatusCode.ServiceUnavailable, HttpStatusCode.OK), (refused.StatusCode, taken.StatusCode));
        Assert.NotNull(refused.Headers.RetryAfter);
        Assert.Contains("disk_low", await recording.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Null(server.Get<DiskWatch>().Trouble);
    }

    [Fact]
    public async Task A_disk_that_can_not_be_measured_any_more_keeps_its_level()
    {
        await using CaptureServer server = await Start();
        await Fill(server, 49, DiskLevel.Full);

        server.Disk.Free = -1;
        await Task.Yield();

        using HttpResponseMessage refused = await server.Post("/e/", Event);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
    }

    [Fact]
    public async Task A_gateway_with_a_low_disk_is_degraded_and_stays_ready()
    {
        await using CaptureServer server = await Start();
        DiskReady check = new(server.Get<DiskWatch>());
        HealthStatus before = (await check.CheckHealthAsync(new HealthCheckContext(), TestContext.Current.CancellationToken)).Status;

        await Fill(server, 149, DiskLevel.Low);
        HealthCheckResult low = await check.CheckHealthAsync(new HealthCheckContext(), TestContext.Current.CancellationToken);

        Assert.Equal((HealthStatus.Healthy, HealthStatus.Degraded), (before, low.Status));
        Assert.Contains("recordings are dropped", low.Description, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_path_nothing_is_measured()
    {
        await using CaptureServer server = await CaptureServer.Start("Sessions:Disk:Every=00:00:00.1");
        server.Disk.Free = 0;

        using HttpResponseMessage taken = await server.Post("/e/", Event);

        Assert.Equal((HttpStatusCode.OK, DiskLevel.Enough), (taken.StatusCode, server.Get<DiskWatch>().Level));
    }

    [Fact]
    public async Task The_metrics_show_the_disk_that_the_machine_has()
    {
        using TestMeters meters = new();
        using DiskWatch watch = new(
            new DiskOptions { Path = Path.GetTempPath() }, new DiskMeter(), meters, TimeProvider.System, NullLogger<DiskWatch>.Instance);
        Dictionary<string, long> seen = [];
        using MeterListener listener = new()
        {
            InstrumentPublished = (instrument, listening) =>
            {
                if (instrument.Meter.Scope == meters)
                {
                    listening.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, _, _) => seen[instrument.Name] = value);
        listener.Start();

        await watch.StartAsync(TestContext.Current.CancellationToken);
        listener.RecordObservableInstruments();
        await watch.StopAsync(TestContext.Current.CancellationToken);

        Assert.InRange(seen["sessions.disk.size"], 1, long.MaxValue);
        Assert.InRange(seen["sessions.disk.free"], 0, seen["sessions.disk.size"]);
    }

    [Theory]
    [InlineData("/srv/postgres", 0.15, 0.05, true)]
    [InlineData("", 0, 0, true)]
    [InlineData("srv/postgres", 0.15, 0.05, false)]
    [InlineData("/srv/postgres", 0.05, 0.15, false)]
    public void The_path_is_absolute_and_events_go_after_recordings(string path, double recordings, double events, bool isRight)
    {
        DiskOptions options = new() { Path = path, RecordingsBelow = recordings, EventsBelow = events };

        Assert.Equal(isRight, !options.Validate(new ValidationContext(options)).Any());
    }

    private static Task<CaptureServer> Start() => CaptureServer.Start("Sessions:Disk:Path=/", "Sessions:Disk:Every=00:00:00.1");

    private static async Task Fill(CaptureServer server, long free, DiskLevel expected)
    {
        server.Disk.Free = free;
        using CancellationTokenSource patience = new(TimeSpan.FromMinutes(1));
        while (server.Get<DiskWatch>().Level != expected)
        {
            await Task.Delay(10, patience.Token);
        }
    }
}
