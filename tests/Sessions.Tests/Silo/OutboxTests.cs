using System.Text.Json.Nodes;
using Npgsql;
using Sessions.Database.Properties;
using Sessions.Domain.Folding;
using Sessions.Queries.Webhooks;
using Sessions.Silo.Outbox;

namespace Sessions.Tests.Silo;

/// <summary>What is written into the outbox, on a real Postgres.</summary>
public sealed class OutboxTests(TestPostgres postgres) : OutboxOnPostgres(postgres)
{
    [Fact]
    public async Task The_start_and_the_end_of_a_session_are_in_the_outbox_with_the_session_at_that_time()
    {
        (string project, Webhook webhook) = await NewWebhook();
        TestSession session = new(project);

        await Commit(session.Take(Now));
        await Commit(session.Take(Now.AddSeconds(5)));
        await Commit(session.End(EndReason.Reset));

        JsonNode[] told = await PayloadsOf(webhook);
        Assert.Equal(
            [("session.started", 1, "live", 1), ("session.ended", 3, "ended", 2)],
            told.Select(one => (
                (string)one["type"]!, (int)one["version"]!, (string)one["data"]!["status"]!, (int)one["data"]!["$event_count"]!)));
        Assert.Equal("reset", (string)told[1]["data"]!["end_reason"]!);
        Assert.Equal(PropertyJson.Time(Now), (string)told[0]["timestamp"]!);
    }

    [Fact]
    public async Task A_session_that_is_revived_gives_resumed_and_later_a_second_ended()
    {
        (string project, Webhook webhook) = await NewWebhook();
        TestSession session = new(project);

        await Commit(session.Take(Now));
        await Commit(session.End(EndReason.Idle));
        await Commit(session.Take(Now.AddSeconds(5)));
        await Commit(session.End(EndReason.Idle));

        Assert.Equal(
            ["1 session.started", "2 session.ended", "3 session.resumed", "4 session.ended"],
            (await PayloadsOf(webhook)).Select(one => $"{one["version"]} {one["type"]}"));
    }

    [Fact]
    public async Task Late_events_of_an_ended_session_give_one_amended_at_its_checkpoint()
    {
        (string project, Webhook webhook) = await NewWebhook();
        TestSession session = new(project);
        await Commit(session.Take(Now.AddDays(-1), receivedAt: Now));
        await Commit(session.Take(Now.AddDays(-1).AddSeconds(1), receivedAt: Now));
        await Commit(session.Take(Now.AddDays(-1).AddSeconds(2), receivedAt: Now));

        Checkpoints.Add(session.Key, session.State!, Rules);
        await Checkpoints.Flush();
        // As after a silo's death, when nobody knows whether it was written.
        Checkpoints.Add(session.Key, session.State!, Rules);
        await Checkpoints.Flush();

        Assert.Equal(
            ["1 session.ended 1", "3 session.amended 3"],
            (await PayloadsOf(webhook)).Select(one => $"{one["version"]} {one["type"]} {one["data"]!["$event_count"]}"));
    }

    [Fact]
    public async Task An_append_that_is_not_written_puts_nothing_into_the_outbox()
    {
        (string project, Webhook webhook) = await NewWebhook();
        TestSession session = new(project);
        JournalAppend append = session.Take(Now);
        await Commit(append);

        JournalResult twin = await Journal.Append(append with { Chain = new AppendChain() });

        Assert.Equal(JournalOutcome.Conflict, twin.Outcome);
        Assert.Single(await PayloadsOf(webhook));
    }

    [Fact]
    public async Task A_webhook_gets_only_the_kinds_it_asked_for_and_only_while_it_is_active()
    {
        (string project, Webhook ends) = await NewWebhook("session.ended");
        Webhook sleeping = (await Webhooks.Add(project, new("https://b.example/", ["session.started"], false), "s", 10, default))!;
        (_, Webhook elsewhere) = await NewWebhook();
        TestSession session = new(project);

        await Commit(session.Take(Now));
        await Commit(session.End(EndReason.Reset));

        Assert.Equal(["session.ended"], (await PayloadsOf(ends)).Select(one => (string)one["type"]!));
        Assert.Empty(await PayloadsOf(sleeping));
        Assert.Empty(await PayloadsOf(elsewhere));
    }

    [Fact]
    public async Task Sessions_of_a_project_without_webhooks_need_no_SQL_statement()
    {
        await NewWebhook();
        TestSession session = new(Postgres.NewProject());
        await using var batch = new NpgsqlBatch();

        new WebhookOutbox(Webhooked).Add(batch.BatchCommands, [session.Take(Now)]);

        Assert.Empty(batch.BatchCommands);
    }
}
