using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Sessions.Capture;
using Sessions.Capture.Quotas;
using Sessions.Domain.Quotas;

namespace Sessions.Tests.Capture.Quotas;

/// <summary>Gateways share what they have taken, without a query for an event.</summary>
public sealed class QuotaExchangeTests(TestPostgres postgres)
{
    private static readonly QuotaLimits Ten = new(EventsPerDay: 10);
    private static readonly QuotaUse Six = new(6, 600);

    [Fact]
    public async Task What_one_gateway_has_taken_counts_at_the_other_after_an_exchange()
    {
        await using NpgsqlDataSource database = NpgsqlDataSource.Create(await postgres.SharedDatabase());
        string project = await NewProject(database);
        SteppedClock clock = new();
        using Gateway one = new(database, clock), other = new(database, clock);
        one.Quotas.Count(project, Six);
        other.Quotas.Count(project, Six);
        Assert.False(one.Refuses(project));

        await one.Exchange();
        await other.Exchange();
        await one.Exchange();

        Assert.True(one.Refuses(project));
        Assert.True(other.Refuses(project));
    }

    [Fact]
    public async Task An_exchange_that_is_repeated_counts_once_and_a_restarted_gateway_finds_its_earlier_use()
    {
        await using NpgsqlDataSource database = NpgsqlDataSource.Create(await postgres.SharedDatabase());
        string project = await NewProject(database);
        SteppedClock clock = new();
        using Gateway before = new(database, clock);
        before.Quotas.Count(project, Six);
        await before.Exchange();
        before.Quotas.Exchanged(clock.Day, [(project, default)], []);
        await before.Exchange();
        using Gateway after = new(database, clock);

        await after.Exchange();
        Assert.False(after.Refuses(project));
        after.Quotas.Count(project, new QuotaUse(4, 400));

        Assert.True(after.Refuses(project));
        Assert.Equal((6L, 600L), await Stored(database, project));
    }

    [Fact]
    public async Task The_next_day_begins_with_nothing_taken_and_old_days_are_deleted()
    {
        await using NpgsqlDataSource database = NpgsqlDataSource.Create(await postgres.CreateDatabase());
        string project = await NewProject(database);
        SteppedClock clock = new();
        using Gateway gateway = new(database, clock, keepDays: 1);
        gateway.Quotas.Count(project, new QuotaUse(10, 1000));
        await gateway.Exchange();
        Assert.True(gateway.Refuses(project));

        clock.Now += TimeSpan.FromDays(1);
        await gateway.Exchange();
        Assert.False(gateway.Refuses(project));
        Assert.Equal((10L, 1000L), await Stored(database, project));

        clock.Now += TimeSpan.FromDays(1);
        await gateway.Exchange();
        Assert.Equal((0L, 0L), await Stored(database, project));
    }

    [Fact]
    public async Task While_Postgres_is_away_a_gateway_counts_its_own_use_and_tells_it_later()
    {
        await using NpgsqlDataSource database = NpgsqlDataSource.Create(await postgres.SharedDatabase());
        string project = await NewProject(database);
        SteppedClock clock = new();
        SwitchedQueries queries = new(database) { IsAway = true };
        using Gateway gateway = new(queries, clock);
        gateway.Quotas.Count(project, new QuotaUse(10, 1000));

        await gateway.Exchange();
        Assert.True(gateway.Refuses(project));
        queries.IsAway = false;
        await gateway.Exchange();

        Assert.Equal((10L, 1000L), await Stored(database, project));
    }

    [Fact]
    public async Task Only_what_has_changed_is_written()
    {
        await using NpgsqlDataSource database = NpgsqlDataSource.Create(await postgres.SharedDatabase());
        SteppedClock clock = new();
        SwitchedQueries queries = new(database);
        using Gateway gateway = new(queries, clock);
        gateway.Quotas.Count(postgres.NewProject(), Six);

        await gateway.Exchange();
        await gateway.Exchange();

        Assert.Equal([1, 0], queries.Written);
    }

    /// <summary>Only what projects have that there are is written.</summary>
    private async Task<string> NewProject(NpgsqlDataSource database)
    {
        string project = postgres.NewProject();
        await using NpgsqlCommand insert = database.CreateCommand(
            "insert into tracking.projects (project, token, api_key_sha256) values ($1, $1, $1::bytea)");
        insert.Parameters.AddWithValue(project);
        await insert.ExecuteNonQueryAsync();
        return project;
    }

    private static async Task<(long Events, long Bytes)> Stored(NpgsqlDataSource database, string project)
    {
        await using NpgsqlCommand command = database.CreateCommand(
            "select coalesce(sum(events), 0)::bigint, coalesce(sum(bytes), 0)::bigint from tracking.project_uses where project = $1");
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = project });
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync();
        await reader.ReadAsync();
        return (reader.GetInt64(0), reader.GetInt64(1));
    }

    /// <summary>What a gateway has for quotas.</summary>
    private sealed class Gateway : IDisposable
    {
        private readonly QuotaExchange _exchange;

        public Gateway(NpgsqlDataSource database, SteppedClock clock, int keepDays = 35)
            : this(new QuotaQueries(database), clock, keepDays)
        {
        }

        public Gateway(QuotaQueries queries, SteppedClock clock, int keepDays = 35)
        {
            QuotaOptions options = new() { KeepDays = keepDays };
            Quotas = new ProjectQuotas(options, clock, NullLogger<ProjectQuotas>.Instance);
            _exchange = new QuotaExchange(Guid.NewGuid(), Quotas, queries, options, clock, NullLogger<QuotaExchange>.Instance);
        }

        public ProjectQuotas Quotas { get; }

        public void Dispose() => _exchange.Dispose();

        public Task Exchange() => _exchange.Exchange(TestContext.Current.CancellationToken);

        public bool Refuses(string project)
        {
            try
            {
                Quotas.Check(project, Ten, new QuotaUse(1, 100), "events");
                return false;
            }
            catch (CaptureRefusedException refused)
            {
                Assert.Equal(429, refused.Refusal.Status);
                return true;
            }
        }
    }

    private sealed class SwitchedQueries(NpgsqlDataSource database) : QuotaQueries(database)
    {
        public bool IsAway { get; set; }

        public List<int> Written { get; } = [];

        public override Task<IReadOnlyList<OtherUse>> Exchange(
            Guid gateway, DateOnly day, IReadOnlyList<(string Project, QuotaUse Mine)> mine, TimeSpan recent, CancellationToken cancellation)
        {
            if (IsAway)
            {
                throw new NpgsqlException("away", new IOException());
            }

            Written.Add(mine.Count);
            return base.Exchange(gateway, day, mine, recent, cancellation);
        }
    }

    private sealed class SteppedClock : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = new(2026, 11, 29, 12, 0, 0, TimeSpan.Zero);

        public DateOnly Day => DateOnly.FromDateTime(Now.UtcDateTime);

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
