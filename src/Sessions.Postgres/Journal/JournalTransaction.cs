using Npgsql;
using NpgsqlTypes;
using Sessions.Domain;
using Sessions.Grains;

namespace Sessions.Postgres;

/// <summary>Writes runs: one batch of statements, one round trip, one transaction.</summary>
internal sealed class JournalTransaction(
    WriterDataSource database, StuckWriters stuck, WebhookOutbox outbox, ReminderRows reminders, JournalOptions options)
{
    private static readonly string InsertEntries = QueryText.Read("journal_insert.sql");
    private static readonly string InsertSessions = QueryText.Read("session_insert.sql");
    private static readonly string UpdateSessions = QueryText.Read("session_checkpoint.sql");
    private static readonly string EndSessions = QueryText.Read("session_end.sql");
    private static readonly string HandDevicesOver = QueryText.Read("device_hand_over.sql");
    private static readonly string CheckForgotten = QueryText.Read("check_forgotten.sql");
    private static readonly string CheckForgottenSessions = QueryText.Read("check_forgotten_sessions.sql");
    private static readonly string CheckEpochs = QueryText.Read("check_epochs.sql");

    /// <summary>Commits all of the runs, or throws and has written none; after a broken connection that is not known.</summary>
    /// <param name="runs">The runs.</param>
    /// <param name="welcomeAt">By which generation of the forgotten all their events are welcome.</param>
    public async Task Commit(IReadOnlyList<Run> runs, long welcomeAt)
    {
        await using NpgsqlConnection connection = await Connect();
        // Without a transaction of its own a batch is one, from its first statement to its last.
        await using var batch = new NpgsqlBatch(connection) { Timeout = options.CommitTimeoutSeconds };
        batch.BatchCommands.Add(new NpgsqlBatchCommand(CheckForgotten)
        {
            Parameters = { new NpgsqlParameter<long> { TypedValue = welcomeAt } },
        });
        AddEpochs(batch, runs);
        AddEntries(batch.BatchCommands, runs);
        AddRows(batch, runs, RowChange.Insert, InsertSessions);
        AddForgottenSessions(batch, runs);
        AddRows(batch, runs, RowChange.Update, UpdateSessions);
        AddEnds(batch, runs);
        AddReminders(batch, runs);
        AddHandOvers(batch, runs);
        outbox.Add(batch.BatchCommands, runs);
        try
        {
            await batch.ExecuteNonQueryAsync();
        }
        catch (PostgresException failure) when (failure.SqlState == PostgresErrorCodes.LockNotAvailable)
        {
            await stuck.CutOff();
            throw;
        }
    }

    /// <summary>Finds out why Postgres refuses a run on its own.</summary>
    public async Task<RunResult> Diagnose(Run run, Exception failure)
    {
        switch (failure)
        {
            case PostgresException { SqlState: Failures.Fenced }:
                return RunResult.Of(RunOutcome.Fenced);
            case PostgresException { SqlState: PostgresErrorCodes.CheckViolation }:
                // No partition for the day: they are made ahead, so somebody is about to.
                return RunResult.Of(RunOutcome.Unavailable);
        }

        if (!Failures.IsOfTheData(failure))
        {
            return RunResult.Of(RunOutcome.Conflict);
        }

        try
        {
            var refused = new List<int>();
            await FindRefused(run, run.Entries, refused);
            // What is refused without any entry being so is in the session's row: all of them made it.
            return new RunResult(
                RunOutcome.Refused,
                refused.Count > 0 ? refused : run.Entries.Select(entry => entry.Number).ToArray());
        }
        catch (Exception other) when (other is not OutOfMemoryException)
        {
            // Nothing of this run is written. Whatever it was, it must not end the lane that asks.
            return RunResult.Of(RunOutcome.Unavailable);
        }
    }

    private async Task FindRefused(Run run, IReadOnlyList<JournalEntry> entries, List<int> refused)
    {
        if (await IsAccepted(run, entries))
        {
            return;
        }

        if (entries.Count == 1)
        {
            refused.Add(entries[0].Number);
            return;
        }

        await FindRefused(run, entries.Take(entries.Count / 2).ToArray(), refused);
        await FindRefused(run, entries.Skip(entries.Count / 2).ToArray(), refused);
    }

    private async Task<bool> IsAccepted(Run run, IReadOnlyList<JournalEntry> entries)
    {
        await using NpgsqlConnection connection = await Connect();
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync();
        await using var batch = new NpgsqlBatch(connection, transaction) { Timeout = options.CommitTimeoutSeconds };
        AddEntries(batch.BatchCommands, [run with { Entries = entries }]);
        try
        {
            await batch.ExecuteNonQueryAsync();
            await transaction.RollbackAsync();
            return true;
        }
        catch (PostgresException refusal) when (Failures.IsOfTheData(refusal))
        {
            return false;
        }
    }

    private async Task<NpgsqlConnection> Connect()
    {
        try
        {
            return await database.Source.OpenConnectionAsync();
        }
        catch (Exception failure) when (failure is NpgsqlException or TimeoutException or IOException)
        {
            throw new NotConnectedException(failure);
        }
    }

    private static void AddEpochs(NpgsqlBatch batch, IReadOnlyList<Run> runs)
    {
        DeviceCall[] fences = runs.Select(run => run.Fence).OfType<DeviceCall>().Distinct().ToArray();
        if (fences.Length > 0)
        {
            var command = new NpgsqlBatchCommand(CheckEpochs);
            command.Parameters.Add(Columns.Text(fences, fence => fence.Device.Project));
            command.Parameters.Add(Columns.Text(fences, fence => fence.Device.Device));
            command.Parameters.Add(Columns.Of(fences, fence => fence.Epoch, NpgsqlDbType.Bigint));
            batch.BatchCommands.Add(command);
        }
    }

    /// <summary>
    /// After the rows are written: whoever takes a session away has done so by then, or has found the row.
    /// </summary>
    private static void AddForgottenSessions(NpgsqlBatch batch, IReadOnlyList<Run> runs)
    {
        Run[] opening = [.. runs.Where(run => run.Row == RowChange.Insert)];
        if (opening.Length > 0)
        {
            var command = new NpgsqlBatchCommand(CheckForgottenSessions);
            command.Parameters.Add(Columns.Text(opening, run => run.Session.Project));
            command.Parameters.Add(Columns.Of(opening, run => run.Session.SessionId, NpgsqlDbType.Uuid));
            command.Parameters.Add(Columns.Of(opening, run => run.Entries[0].Number, NpgsqlDbType.Integer));
            batch.BatchCommands.Add(command);
        }
    }

    private static void AddHandOvers(NpgsqlBatch batch, IReadOnlyList<Run> runs)
    {
        HandOver[] handOvers = runs.Select(run => run.HandOver).OfType<HandOver>().DistinctBy(made => made.From).ToArray();
        if (handOvers.Length > 0)
        {
            var command = new NpgsqlBatchCommand(HandDevicesOver);
            command.Parameters.Add(Columns.Text(handOvers, made => made.From.Project));
            command.Parameters.Add(Columns.Text(handOvers, made => made.From.Device));
            command.Parameters.Add(Columns.Text(handOvers, made => made.To));
            batch.BatchCommands.Add(command);
        }
    }

    private static void AddEntries(NpgsqlBatchCommandCollection commands, IReadOnlyList<Run> runs)
    {
        (Run Run, JournalEntry Entry)[] rows = runs.SelectMany(run => run.Entries.Select(entry => (run, entry))).ToArray();
        var command = new NpgsqlBatchCommand(InsertEntries);
        NpgsqlParameterCollection parameters = command.Parameters;
        parameters.Add(Columns.Text(rows, row => row.Run.Session.Project));
        parameters.Add(Columns.Of(rows, row => row.Run.Session.SessionId, NpgsqlDbType.Uuid));
        parameters.Add(Columns.Of(rows, row => row.Entry.Number, NpgsqlDbType.Integer));
        parameters.Add(Columns.Of(rows, row => row.Run.Born, NpgsqlDbType.Date));
        parameters.Add(Columns.Of(rows, row => (short)row.Entry.Kind, NpgsqlDbType.Smallint));
        parameters.Add(Columns.Of(rows, row => row.Entry.EventId, NpgsqlDbType.Uuid));
        parameters.Add(Columns.Of(rows, row => row.Entry.Time, NpgsqlDbType.TimestampTz));
        parameters.Add(Columns.Of(rows, row => row.Entry.ReceivedAt, NpgsqlDbType.TimestampTz));
        parameters.Add(Columns.Text(rows, row => row.Entry.Name));
        parameters.Add(Columns.Text(rows, row => row.Entry.DistinctId));
        parameters.Add(Columns.Text(rows, row => row.Entry.DeviceId));
        parameters.Add(Columns.Text(rows, row => row.Entry.WindowId));
        parameters.Add(Columns.Text(rows, row => StoredDevice.Write(row.Entry)));
        parameters.Add(Columns.Of(
            rows,
            row => row.Entry.Properties.IsEmpty ? null : (ReadOnlyMemory<byte>?)row.Entry.Properties,
            NpgsqlDbType.Jsonb));
        parameters.Add(Columns.Of(rows, row => row.Entry.SenderOrder == 0 ? null : (long?)row.Entry.SenderOrder, NpgsqlDbType.Bigint));
        parameters.Add(Columns.Of(rows, row => row.Entry.ClientTime, NpgsqlDbType.TimestampTz));
        commands.Add(command);
    }

    /// <summary>The rows that have all but the end, in the order of their keys as all do who lock several.</summary>
    private static void AddEnds(NpgsqlBatch batch, IReadOnlyList<Run> runs)
    {
        Run[] ending =
        [
            .. runs.Where(run => run.Row == RowChange.End)
                .OrderBy(run => run.Session.Project, StringComparer.Ordinal)
                .ThenBy(run => run.Session.SessionId),
        ];
        if (ending.Length > 0)
        {
            var command = new NpgsqlBatchCommand(EndSessions);
            command.Parameters.Add(Columns.Text(ending, run => run.Session.Project));
            command.Parameters.Add(Columns.Of(ending, run => run.Session.SessionId, NpgsqlDbType.Uuid));
            command.Parameters.Add(Columns.Of(ending, run => run.After.Number, NpgsqlDbType.Integer));
            command.Parameters.Add(Columns.Of(ending, _ => SessionFold.FoldVersion, NpgsqlDbType.Smallint));
            command.Parameters.Add(Columns.Of(ending, run => FoldCodec.Write(run.After), NpgsqlDbType.Bytea));
            command.Parameters.Add(Columns.Text(ending, run => run.After.Status.ToWord()));
            command.Parameters.Add(Columns.Text(ending, run => run.After.EndReason?.ToWord()));
            batch.BatchCommands.Add(command);
        }
    }

    /// <summary>What woke devices that have no live session any more.</summary>
    private void AddReminders(NpgsqlBatch batch, IReadOnlyList<Run> runs)
    {
        (string Grain, string Name, int Version)[] known =
        [
            .. runs.Where(run => run.Fence is { Reminder: not null })
                .Select(run => run.Fence!.Value)
                .Select(fence => (DeviceReminder.GrainOf(fence.Device).ToString(), DeviceReminder.Name, fence.Reminder!.Value)),
        ];
        if (known.Length > 0)
        {
            batch.BatchCommands.Add(reminders.RemoveCommand(known));
        }
    }

    private static void AddRows(NpgsqlBatch batch, IReadOnlyList<Run> runs, RowChange change, string statement)
    {
        Run[] changing = runs.Where(run => run.Row == change).ToArray();
        if (changing.Length > 0)
        {
            SessionSnapshot[] snapshots =
                [.. changing.Select(run => new SessionSnapshot(run.Session, run.Born, run.After, run.Rules))];
            batch.BatchCommands.Add(SessionColumns.Command(statement, snapshots));
            ReplayColumns.Add(batch.BatchCommands, snapshots);
        }
    }
}
