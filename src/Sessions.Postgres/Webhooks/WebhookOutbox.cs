using Npgsql;
using NpgsqlTypes;
using Sessions.Domain;
using Sessions.Domain.Webhooks;
using Sessions.Grains;

namespace Sessions.Postgres;

/// <summary>
/// Writes what happened to sessions into the outbox, in the transaction in which it happened: one statement a
/// transaction, and none where no project has a webhook.
/// </summary>
internal sealed class WebhookOutbox(WebhookedProjects webhooked)
{
    private static readonly string Tell = QueryText.Read("webhook_tell.sql");

    private static readonly string TellCheckpointed = QueryText.Read("webhook_tell_checkpointed.sql")
        .Replace("{checkpoint}", QueryText.Read("session_checkpoint.sql"), StringComparison.Ordinal);

    /// <summary>Adds what the runs' transaction tells of.</summary>
    public void Add(NpgsqlBatchCommandCollection commands, IReadOnlyList<Run> runs)
    {
        Told[] told = Telling(runs);
        if (told.Length > 0)
        {
            var command = new NpgsqlBatchCommand(Tell);
            Add(command.Parameters, told);
            commands.Add(command);
        }
    }

    /// <summary>
    /// The statement that writes these checkpoints and tells of those among them that amend an ended session; null when
    /// none does, and the checkpoint's own statement is enough. Ends have rows of their own, so an ended session that
    /// waits for its checkpoint has taken something since.
    /// </summary>
    public NpgsqlBatchCommand? Checkpoint(IReadOnlyList<SessionSnapshot> snapshots, DateTimeOffset now)
    {
        Told[] told =
        [
            .. snapshots
                .Where(snapshot => snapshot.State.Status == SessionStatus.Ended && webhooked.MayHave(snapshot.Key.Project))
                .Select(snapshot => Told.Of(snapshot.Key, SessionHappening.Amended, now, snapshot.State, snapshot.Rules)),
        ];
        if (told.Length == 0)
        {
            return null;
        }

        NpgsqlBatchCommand command = SessionColumns.Command(TellCheckpointed, snapshots);
        Add(command.Parameters, told);
        return command;
    }

    private Told[] Telling(IReadOnlyList<Run> runs)
    {
        List<Told>? told = null;
        foreach (Run run in runs)
        {
            // Where the row waits for its checkpoint, so does what is told.
            if (run.Happening is { } happening && run.Row != RowChange.None && webhooked.MayHave(run.Session.Project))
            {
                (told ??= []).Add(Told.Of(run.Session, happening, run.Entries[^1].ReceivedAt, run.After, run.Rules));
            }
        }

        return told is null ? [] : [.. told];
    }

    private static void Add(NpgsqlParameterCollection parameters, Told[] rows)
    {
        parameters.Add(Columns.Text(rows, row => row.Session.Project));
        parameters.Add(Columns.Of(rows, row => row.Id, NpgsqlDbType.Uuid));
        parameters.Add(Columns.Text(rows, row => row.Happening.ToName()));
        parameters.Add(Columns.Of(rows, row => row.Session.SessionId, NpgsqlDbType.Uuid));
        parameters.Add(Columns.Of(rows, row => row.Version, NpgsqlDbType.Integer));
        parameters.Add(Columns.Text(rows, row => row.Payload));
    }

    private sealed record Told(Guid Id, SessionKey Session, SessionHappening Happening, int Version, string Payload)
    {
        public static Told Of(SessionKey session, SessionHappening happening, DateTimeOffset at, SessionState state, SessionRules rules) => new(
            Guid.CreateVersion7(at),
            session,
            happening,
            state.Number,
            WebhookPayload.Write(happening.ToName(), at, SessionView.Of(session.SessionId, state, rules)));
    }
}
