using System.Diagnostics.Metrics;
using System.Net;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using Sessions.Database.Time;
using Sessions.Silo.Membership;

namespace Sessions.Tests.Database;

/// <summary>
/// Stored times and retention follow the clock of Postgres, however wrong the machine's clock is. The difference is
/// logged.
/// </summary>
public sealed class ClockTests(TestPostgres postgres) : IAsyncLifetime
{
    private readonly TestMeters _meters = new();
    private readonly Lines _log = new();
    private readonly WrongClock _machine = new();
    private NpgsqlDataSource _database = null!;

    public async ValueTask InitializeAsync() => _database = NpgsqlDataSource.Create(await postgres.CreateDatabase());

    public async ValueTask DisposeAsync()
    {
        await _database.DisposeAsync();
        _meters.Dispose();
    }

    [Theory]
    [InlineData("400.00:00:00")]
    [InlineData("-400.00:00:00")]
    [InlineData("01:00:00")]
    [InlineData("-00:01:10")]
    public async Task A_machine_with_a_wrong_clock_uses_Postgres_time_and_reports_the_problem(string offset)
    {
        _machine.Offset = TimeSpan.Parse(offset, null);
        ServerClock clock = new(_machine);
        using ClockWatch watch = Watch(clock);

        Assert.Null(await watch.Today());

        Assert.InRange((clock.GetUtcNow() - TimeProvider.System.GetUtcNow()).Duration(), TimeSpan.Zero, TimeSpan.FromSeconds(5));
        Assert.Contains(_machine.Offset > TimeSpan.Zero ? "ahead of Postgres" : "behind Postgres", watch.Trouble, StringComparison.Ordinal);
        Assert.InRange(Offset() - _machine.Offset.TotalSeconds, -5, 5);
    }

    /// <summary>Asking takes milliseconds, and what other programs on this machine do is compared by less.</summary>
    [Fact]
    public void A_machine_whose_clock_agrees_with_Postgres_uses_its_own_time()
    {
        ServerClock clock = new(_machine);
        clock.Set(_machine.GetUtcNow() - TimeSpan.FromMilliseconds(45), _machine.GetTimestamp(), doubt: TimeSpan.FromMilliseconds(5));

        DateTimeOffset before = _machine.GetUtcNow();
        DateTimeOffset now = clock.GetUtcNow();

        Assert.InRange(now, before - TimeSpan.FromMilliseconds(15), _machine.GetUtcNow() + TimeSpan.FromMilliseconds(15));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(30)]
    [InlineData(-50)]
    public async Task A_machine_whose_clock_is_slightly_off_reports_no_problem(int seconds)
    {
        _machine.Offset = TimeSpan.FromSeconds(seconds);
        using ClockWatch watch = Watch(new ServerClock(_machine));

        Assert.NotNull(await watch.Today());
        Assert.Null(watch.Trouble);
        Assert.Empty(_log.Told);
    }

    [Fact]
    public async Task A_clock_that_jumps_and_is_corrected_is_logged_once_each()
    {
        ServerClock clock = new(_machine);
        using ClockWatch watch = Watch(clock);
        await watch.Compare(CancellationToken.None);
        DateTimeOffset before = clock.GetUtcNow();
        _machine.Offset = TimeSpan.FromDays(400);

        Assert.InRange(clock.GetUtcNow() - before, TimeSpan.Zero, TimeSpan.FromMinutes(1));
        await watch.Compare(CancellationToken.None);
        await watch.Compare(CancellationToken.None);
        _machine.Offset = TimeSpan.Zero;
        await watch.Compare(CancellationToken.None);
        await watch.Compare(CancellationToken.None);

        Assert.Equal(2, _log.Told.Count);
        Assert.Contains("34560000 s ahead of Postgres'", _log.Told[0], StringComparison.Ordinal);
        Assert.Contains("NTP", _log.Told[0], StringComparison.Ordinal);
        Assert.Contains("agrees", _log.Told[1], StringComparison.Ordinal);
        Assert.NotNull(await watch.Today());
    }

    [Fact]
    public async Task A_starting_silo_gets_a_higher_generation_than_all_earlier_silos_at_its_address()
    {
        SiloTable silos = new(_database, "cluster");
        Assert.Equal(100, silos.NextGeneration(IPAddress.Loopback, 11_111, byClock: 100));
        await Do("insert into orleans.orleansmembershipversiontable (deploymentid) values ('cluster')");
        await Do(
            """
            insert into orleans.orleansmembershiptable
                (deploymentid, address, port, generation, siloname, hostname, status, starttime, iamalivetime)
            values ('cluster', '127.0.0.1', 11111, 500, 's', 'h', 3, now() + interval '400 days', now() + interval '400 days'),
                   ('cluster', '127.0.0.1', 11112, 900, 's', 'h', 3, now(), now() - interval '5 minutes')
            """);

        Assert.Equal(501, silos.NextGeneration(IPAddress.Loopback, 11_111, byClock: 100));
        Assert.Equal(901, silos.NextGeneration(IPAddress.Loopback, 11_112, byClock: 100));
        Assert.Equal(1_000, silos.NextGeneration(IPAddress.Loopback, 11_111, byClock: 1_000));
        await using NpgsqlCommand alive = _database.CreateCommand(
            "select count(*) filter (where iamalivetime > now() + interval '1 minute'), count(*) filter (where iamalivetime < now() - interval '4 minutes') "
            + "from orleans.orleansmembershiptable");
        await using NpgsqlDataReader row = await alive.ExecuteReaderAsync();
        await row.ReadAsync();
        Assert.Equal((0L, 1L), (row.GetInt64(0), row.GetInt64(1)));
    }

    private ClockWatch Watch(ServerClock clock) => new(_database, Options.Create(new ClockOptions()), clock, _meters, _log);

    private double Offset()
    {
        double seen = double.NaN;
        using MeterListener listener = new();
        listener.InstrumentPublished = (instrument, of) =>
        {
            if (instrument.Name == "sessions.clock.offset" && instrument.Meter.Scope == _meters)
            {
                of.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<double>((_, value, _, _) => seen = value);
        listener.Start();
        listener.RecordObservableInstruments();
        return seen;
    }

    private async Task Do(string sql)
    {
        await using NpgsqlCommand command = _database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>A machine that knows how much time goes by, but not what time it is.</summary>
    private sealed class WrongClock : TimeProvider
    {
        public TimeSpan Offset { get; set; }

        public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + Offset;
    }

    private sealed class Lines : ILogger<ClockWatch>
    {
        public List<string> Told { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Told.Add(formatter(state, exception));
    }
}
