using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using Sessions.Domain.Folding;
using Sessions.Silo.Checkpoints;
using Sessions.Silo.Damage;
using Sessions.Silo.Journal;
using Sessions.Silo.Outbox;

namespace Sessions.Tests.Silo;

/// <summary>A session's row that Postgres refuses keeps no other row from being written.</summary>
public sealed class RefusedRowTests(TestPostgres postgres) : OutboxOnPostgres(postgres)
{
    [Theory]
    [InlineData("a NUL in a text")]
    [InlineData("a start after the end")]
    public async Task Other_rows_are_written_and_the_refused_one_is_reported(string damage)
    {
        using RecentWarnings warnings = new();
        using LoggerFactory loggers = new([warnings]);
        DamagedSessions damaged = new(Meters, TimeProvider.System, loggers.CreateLogger<DamagedSessions>());
        await using CheckpointWriter writer = new(
            Database, new WebhookOutbox(Webhooked), Options.Create(new JournalOptions()), TimeProvider.System, new JournalMetrics(Meters),
            loggers.CreateLogger<CheckpointWriter>(), damaged);
        string project = Postgres.NewProject();
        TestSession[] sessions = [.. Enumerable.Range(0, 9).Select(_ => new TestSession(project))];
        foreach (TestSession session in sessions)
        {
            await Commit(session.Take(Now));
            await Commit(session.Take(Now.AddSeconds(1)));
        }

        for (int at = 0; at < sessions.Length; at++)
        {
            SessionState state = sessions[at].State!;
            writer.Add(sessions[at].Key, at != 4 ? state : damage.StartsWith("a NUL", StringComparison.Ordinal)
                ? state with { Browser = new Dated<string>("\0", state.Entry.At) }
                : state with { Start = Now.AddHours(1) }, Rules);
        }

        await writer.Flush();

        await using NpgsqlCommand behind = Database.CreateCommand("select array_agg(session_id) from tracking.sessions where project = $1 and number < 2");
        behind.Parameters.AddWithValue(project);
        Assert.Equal([sessions[4].Key.SessionId], (Guid[])(await behind.ExecuteScalarAsync())!);
        Assert.Contains($"row of session {sessions[4].Key.SessionId}", $"{warnings}", StringComparison.Ordinal);
        Assert.NotNull(damaged.Trouble);
    }
}
