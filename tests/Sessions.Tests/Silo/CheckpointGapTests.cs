using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Npgsql;
using Sessions.Silo.Checkpoints;
using Sessions.Silo.Journal;
using Sessions.Silo.Outbox;

namespace Sessions.Tests.Silo;

/// <summary>Which outdated rows of a dead silo are found, whenever the silo died.</summary>
public sealed class CheckpointGapTests(TestPostgres postgres) : OutboxOnPostgres(postgres)
{
    [Fact]
    public async Task A_silo_that_dies_before_its_first_checkpoint_round_leaves_a_mark_that_is_found()
    {
        // Its clock stands still: no round comes.
        await using CheckpointWriter young = Writer(new FakeTimeProvider());
        await young.StartAsync(CancellationToken.None);
        SessionKey behind = await TakeTwo();

        Assert.Null(await Gaps().Find());
        await FallSilent("1 minute");
        CheckpointGap gap = (await Gaps().Find())!;

        Assert.Equal([new OutdatedRow(behind, Number: 2)], gap.Rows);
    }

    [Fact]
    public async Task A_closed_gap_is_checked_again_only_after_some_minutes()
    {
        await Mark("slow");
        await FallSilent("1 minute");
        await Gaps().Close((await Gaps().Find())!);
        Assert.Null(await Gaps().Find());

        // It had only been slow; it goes on, and dies before it renews its mark.
        SessionKey behind = await TakeTwo();
        await FallSilent("3 minutes");
        CheckpointGap gap = (await Gaps().Find())!;
        Assert.Equal([new OutdatedRow(behind, Number: 2)], gap.Rows);

        await Gaps().Close(gap);
        Assert.NotNull(await Gaps().Find());
        await Execute("update tracking.sessions set number = 2");
        await Gaps().Close(gap);

        Assert.Null(await Gaps().Find());
        Assert.Equal(0L, await Marks());
    }

    [Fact]
    public async Task A_silo_that_reports_again_while_its_gap_is_closed_keeps_its_mark()
    {
        await Mark("slow");
        await FallSilent("3 minutes");
        CheckpointGap gap = (await Gaps().Find())!;
        await Mark("slow");

        await Gaps().Close(gap);

        Assert.Equal(1L, await Marks());
    }

    private CheckpointGaps Gaps() => new(Database, Checkpoints, Options.Create(new JournalOptions()));

    private CheckpointWriter Writer(TimeProvider clock) => new(
        Database, new WebhookOutbox(Webhooked), Options.Create(new JournalOptions()), clock, new JournalMetrics(Meters), NullLogger<CheckpointWriter>.Instance);

    /// <summary>A session whose row has the first of its two events.</summary>
    private async Task<SessionKey> TakeTwo()
    {
        var session = new TestSession(Postgres.NewProject());
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        await Commit(session.Take(now));
        await Commit(session.Take(now));
        return session.Key;
    }

    private Task Mark(string silo) => Execute(
        $"""
        insert into tracking.checkpoints (silo, done_until, seen_at) values ('{silo}', now(), now())
        on conflict (silo) do update set done_until = excluded.done_until, seen_at = excluded.seen_at
        """);

    /// <summary>As if so much time had gone by without a mark.</summary>
    private Task FallSilent(string time) => Execute(
        $"update tracking.checkpoints set seen_at = seen_at - interval '{time}', done_until = done_until - interval '{time}'");

    private async Task<long> Marks()
    {
        await using NpgsqlCommand count = Database.CreateCommand("select count(*) from tracking.checkpoints where silo = 'slow'");
        return (long)(await count.ExecuteScalarAsync())!;
    }
}
