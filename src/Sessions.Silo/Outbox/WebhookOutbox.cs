using Npgsql;
using NpgsqlTypes;
using Sessions.Database;
using Sessions.Database.Webhooks;
using Sessions.Domain;
using Sessions.Domain.Folding;
using Sessions.Silo.Rows;

namespace Sessions.Silo.Outbox;

/// <summary>
/// Writes webhook messages about sessions into the outbox, in the same transaction as the change itself. That is one
/// statement for each transaction, and none if no project in it has a webhook.
/// </summary>
internal sealed class WebhookOutbox(WebhookedProjects webhooked)
{
    private const int MessageParameters = 6;

    private static readonly string Insert = SqlFile.Read("webhook_insert_messages.sql");

    private static readonly string InsertWithCheckpoint = Numbered(
        SqlFile.Read("webhook_insert_checkpointed.sql").Replace("{checkpoint}", SessionColumns.UpdateStatement, StringComparison.Ordinal));

    /// <summary>Adds the statement that writes the messages of these appends.</summary>
    public void Add(NpgsqlBatchCommandCollection commands, IReadOnlyList<JournalAppend> appends)
    {
        OutboxMessage[] messages = MessagesOf(appends);
        if (messages.Length > 0)
        {
            var command = new NpgsqlBatchCommand(Insert);
            Add(command.Parameters, messages);
            commands.Add(command);
        }
    }

    /// <summary>
    /// The statement that writes these checkpoints, and messages for those that amend an ended session. Null when there
    /// is no such session; then the ordinary checkpoint statement is enough. The end itself is written in its own
    /// transaction, so an ended session that needs a checkpoint has changed after its end.
    /// </summary>
    public NpgsqlBatchCommand? Checkpoint(IReadOnlyList<SessionSnapshot> snapshots, DateTimeOffset now)
    {
        OutboxMessage[] messages =
        [
            .. snapshots
                .Where(snapshot => snapshot.State.Status == SessionStatus.Ended && webhooked.MayHave(snapshot.Key.Project))
                .Select(snapshot => OutboxMessage.Of(snapshot.Key, SessionHappening.Amended, now, snapshot.State, snapshot.Rules)),
        ];
        if (messages.Length == 0)
        {
            return null;
        }

        NpgsqlBatchCommand command = SessionColumns.Command(InsertWithCheckpoint, snapshots);
        Add(command.Parameters, messages);
        return command;
    }

    // The messages' parameters follow those of the checkpoint.
    private static string Numbered(string statement)
    {
        for (int place = 0; place < MessageParameters; place++)
        {
            statement = statement.Replace(
                $"{{message{place + 1}}}", $"${SessionColumns.NextParameter + place}", StringComparison.Ordinal);
        }

        return statement;
    }

    private OutboxMessage[] MessagesOf(IReadOnlyList<JournalAppend> appends)
    {
        List<OutboxMessage>? messages = null;
        foreach (JournalAppend append in appends)
        {
            // When the row is written later by a checkpoint, so is the message.
            if (append.Happening is { } happening && append.Row != RowChange.None && webhooked.MayHave(append.Session.Project))
            {
                (messages ??= []).Add(OutboxMessage.Of(append.Session, happening, append.Entries[^1].ReceivedAt, append.After, append.Rules));
            }
        }

        return messages is null ? [] : [.. messages];
    }

    private static void Add(NpgsqlParameterCollection parameters, OutboxMessage[] rows)
    {
        parameters.Add(Columns.Text(rows, row => row.Session.Project));
        parameters.Add(Columns.Of(rows, row => row.Id, NpgsqlDbType.Uuid));
        parameters.Add(Columns.Text(rows, row => row.Happening.ToName()));
        parameters.Add(Columns.Of(rows, row => row.Session.SessionId, NpgsqlDbType.Uuid));
        parameters.Add(Columns.Of(rows, row => row.Version, NpgsqlDbType.Integer));
        parameters.Add(Columns.Text(rows, row => row.Payload));
    }

    private sealed record OutboxMessage(Guid Id, SessionKey Session, SessionHappening Happening, int Version, string Payload)
    {
        public static OutboxMessage Of(SessionKey session, SessionHappening happening, DateTimeOffset at, SessionState state, SessionRules rules) => new(
            Guid.CreateVersion7(at),
            session,
            happening,
            state.Number,
            WebhookPayload.Write(happening.ToName(), at, SessionView.Of(session.SessionId, state, rules)));
    }
}
