using System.Diagnostics;
using System.Net;
using System.Text;
using Npgsql;
using Sessions.SystemTests.Harness;

namespace Sessions.SystemTests.Faults;

/// <summary>
/// A reader's transaction that stays open delays the removal of old days, and nothing else: events are stored, queries
/// answered and tables vacuumed meanwhile.
/// </summary>
[Collection(Lane.Broken)]
public sealed class HeldTransactionTests(FaultCluster cluster)
{
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Hold = TimeSpan.FromSeconds(Soak.IsOn ? 30 : 4);
    private static readonly TimeSpan QuestionBound = TimeSpan.FromSeconds(10);

    /// <summary>Settings of the cluster: days go sooner than usual, and a reader's transaction may be open for a minute.</summary>
    internal static IReadOnlyDictionary<string, string> Settings { get; } = new Dictionary<string, string>
    {
        ["Sessions__Retention__Every"] = "00:00:02",
        ["Sessions__Readers__LongestTransaction"] = "00:01:00",
        ["Sessions__Readers__Every"] = "00:00:05",
    };

    private readonly DateOnly _day = DateOnly.FromDateTime(DateTime.UtcNow).AddDays(-400);

    [Fact]
    public async Task A_readers_open_transaction_delays_the_removal_of_a_day_and_nothing_else()
    {
        using OwnProject project = await OwnProject.Create(cluster.Cluster);
        await HaveOldSession(project);
        await using NpgsqlConnection reader = await OpenTransaction();
        await Scenario.Play(cluster, "a reader's transaction stays open while a day goes", seed: 71, async _ =>
        {
            await Wait.For(() => Holds("select exists (select from tracking.leaving_days where day = $1)"), "no sweep found the day", Bound);
            await Do("update tracking.leaving_days set agreed_at = now() - interval '2 hours' where day = $1");
            await Wait.For(() => Holds("select exists (select from pg_inherits where inhrelid = to_regclass('tracking.journal_' || to_char($1, 'YYYYMMDD')) and inhdetachpending)"), "the day is not being detached", Bound);
            var clock = Stopwatch.StartNew();
            do
            {
                await NothingWaits();
            }
            while (clock.Elapsed < Hold);

            Assert.False(await IsDetached(), "The day was detached under the reader.");
            if (Soak.IsOn)
            {
                // A silo ends it.
                await Assert.ThrowsAnyAsync<NpgsqlException>(() => Ask(reader, "select count(pg_sleep(1)) from generate_series(1, 600)"));
            }
            else
            {
                await Ask(reader, "commit");
            }

            await Wait.For(IsDetached, "the day was not detached after the reader had gone", Bound);
        });

        // One that has begun since has no part in the day.
        await using NpgsqlConnection other = await OpenTransaction();
        await Do("update tracking.leaving_days set detached_at = now() - interval '2 days', agreed_at = now() - interval '2 days' where day = $1");
        await Wait.For(() => Holds("select to_regclass('tracking.journal_' || to_char($1, 'YYYYMMDD')) is null"), "the day was not dropped", Bound);
        await Wait.For(() => Holds("select not exists (select from tracking.sessions where born = $1)"), "the day's sessions stay", Bound);
        await Ask(other, "commit");
    }

    private async Task HaveOldSession(OwnProject project)
    {
        using (StringContent keep = new("""{"retention_days":30}""", Encoding.UTF8, "application/json"))
        {
            using HttpResponseMessage kept = await project.Gateway.Ask(HttpMethod.Put, "/api/project", keep);
            Assert.Equal(HttpStatusCode.OK, kept.StatusCode);
        }

        string visitor = Events.NewDistinctId("old");
        await project.Gateway.Track(Events.Event("$pageview", visitor));
        (await project.Gateway.Ask(HttpMethod.Post, $"/api/devices/{visitor}/reset")).Dispose();
        await project.SessionsWith(1);
        await Do("select tracking.ensure_partitions($1, 0)");
        await Do("update tracking.journal set born = $1 where project = $2", project.Id);
        await Do("update tracking.sessions set born = $1 where project = $2", project.Id);
    }

    private async Task<NpgsqlConnection> OpenTransaction()
    {
        NpgsqlConnection reader = new(new NpgsqlConnectionStringBuilder(cluster.Cluster.Ready.PostgresReader)
        {
            Port = cluster.Postgres.Port,
            Pooling = false,
            CommandTimeout = 0,
        }.ConnectionString);
        await reader.OpenAsync();
        await Ask(reader, "set idle_in_transaction_session_timeout = 0");
        await Ask(reader, "set statement_timeout = 0");
        await Ask(reader, "begin isolation level repeatable read");
        await Ask(reader, "select count(*) from events");
        await Ask(reader, "select count(*) from sessions");
        return reader;
    }

    /// <summary>Lists are answered, tables vacuumed, and only the removal itself waits for a lock.</summary>
    private async Task NothingWaits()
    {
        using (Gateway gateway = cluster.Cluster.Gateway())
        {
            var clock = Stopwatch.StartNew();
            using HttpResponseMessage list = await gateway.Ask(HttpMethod.Get, "/api/sessions?limit=10");
            Assert.Equal(HttpStatusCode.OK, list.StatusCode);
            Assert.InRange(clock.Elapsed, TimeSpan.Zero, QuestionBound);
        }

        var vacuum = Stopwatch.StartNew();
        await using (NpgsqlCommand command = cluster.Owner.CreateCommand("vacuum tracking.sessions, tracking.devices"))
        {
            await command.ExecuteNonQueryAsync();
        }

        Assert.InRange(vacuum.Elapsed, TimeSpan.Zero, QuestionBound);
        await using NpgsqlCommand waiting = cluster.Owner.CreateCommand(
            """
            select string_agg(query, '; ')
            from   pg_stat_activity
            where  wait_event_type = 'Lock' and query not like '%detach partition%' and query_start < clock_timestamp() - interval '5 seconds'
            """);
        Assert.Equal(DBNull.Value, await waiting.ExecuteScalarAsync());
    }

    private Task<bool> IsDetached() => Holds("select exists (select from tracking.leaving_days where day = $1 and detached_at is not null)");

    private async Task<bool> Holds(string sql)
    {
        await using NpgsqlCommand command = cluster.Owner.CreateCommand(sql);
        command.Parameters.AddWithValue(_day);
        return await command.ExecuteScalarAsync() is true;
    }

    private async Task Do(string sql, params string[] parameters)
    {
        await using NpgsqlCommand command = cluster.Owner.CreateCommand(sql);
        command.Parameters.AddWithValue(_day);
        foreach (string parameter in parameters)
        {
            command.Parameters.AddWithValue(parameter);
        }

        await command.ExecuteNonQueryAsync();
    }

    private static async Task Ask(NpgsqlConnection reader, string sql)
    {
        await using NpgsqlCommand command = new(sql, reader);
        await command.ExecuteNonQueryAsync();
    }
}
