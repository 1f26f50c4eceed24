using Npgsql;
using NpgsqlTypes;
using Sessions.Database;
using Sessions.Domain.Folding;
using Sessions.Silo.Outbox;
using Sessions.Silo.Reminders;
using Sessions.Silo.Rows;

namespace Sessions.Silo.Journal;

/// <summary>Writes appends in one batch of statements, one round trip and one transaction.</summary>
internal sealed class JournalTransaction(
    WriterDataSource database, StuckWriters stuck, WebhookOutbox outbox, ReminderRows reminders, JournalOptions options)
{
    private static readonly string InsertEntries = SqlFile.Read("journal_insert.sql");
    private static readonly string EndSessions = SqlFile.Read("session_end.sql");
    private static readonly string BeginDevices = SqlFile.Read("device_begin.sql");
    private static readonly string HandDevicesOver = SqlFile.Read("device_hand_over.sql");
    private static readonly string CheckForgotten = SqlFile.Read("check_forgotten.sql");
    private static readonly string CheckForgottenSessions = SqlFile.Read("check_forgotten_sessions.sql");
    private static readonly string CheckEpochs = SqlFile.Read("check_epochs.sql");

    /// <summary>
    /// Commits all of the appends, or throws and has written none. After a broken connection the outcome is unknown.
    /// </summary>
    /// <param name="appends">The appends.</param>
    /// <param name="erasureGeneration">
    /// The generation of erased persons with which all their events were checked.
    /// </param>
    public async Task Commit(IReadOnlyList<JournalAppend> appends, long erasureGeneration)
    {
        await using NpgsqlConnection connection = await Connect();
        if (appends.Any(append => append.Chain.IsBroken))
        {
            // The connection leads to another server, which may lack what an append continues.
            throw new BrokenChainException();
        }

        // No explicit transaction: Postgres runs a batch as one transaction.
        await using var batch = new NpgsqlBatch(connection) { Timeout = options.CommitTimeoutSeconds };
        batch.BatchCommands.Add(new NpgsqlBatchCommand(CheckForgotten)
        {
            Parameters = { new NpgsqlParameter<long> { TypedValue = erasureGeneration } },
        });
        DeviceOpening[] openings = OpeningsOf(appends);
        AddDevices(batch, openings);
        AddHandOvers(batch, appends);
        AddEpochs(batch, appends);
        AddEntries(batch.BatchCommands, appends);
        AddRows(batch, appends, RowChange.Insert, SessionColumns.Insert);
        AddForgottenSessions(batch, appends);
        AddRows(batch, appends, RowChange.Update, SessionColumns.Update);
        AddEnds(batch, appends);
        AddReminders(batch, appends, openings);
        outbox.Add(batch.BatchCommands, appends);
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

    /// <summary>Finds out why Postgres refuses this one append.</summary>
    public async Task<JournalResult> Diagnose(JournalAppend append, Exception failure)
    {
        switch (failure)
        {
            case PostgresException { SqlState: Failures.Fenced }:
                return JournalResult.Of(JournalOutcome.Fenced);
            case PostgresException { SqlState: PostgresErrorCodes.CheckViolation }:
                // The day has no partition. PartitionKeeper makes them ahead of time, so it will make this one soon.
                return JournalResult.Of(JournalOutcome.Unavailable);
        }

        if (!Failures.IsOfTheData(failure))
        {
            return JournalResult.Of(JournalOutcome.Conflict);
        }

        try
        {
            var refused = new List<int>();
            await FindRefused(append, append.Entries, refused);
            // Postgres accepts each entry but refuses the session's row, which is computed from all of the entries.
            return new JournalResult(
                JournalOutcome.Refused,
                refused.Count > 0 ? refused : append.Entries.Select(entry => entry.Number).ToArray());
        }
        catch (Exception other) when (other is not OutOfMemoryException)
        {
            // Nothing of this append is written. Whatever failed here, it must not stop the lane.
            return JournalResult.Of(JournalOutcome.Unavailable);
        }
    }

    private async Task FindRefused(JournalAppend append, IReadOnlyList<JournalEntry> entries, List<int> refused)
    {
        if (await IsAccepted(append, entries))
        {
            return;
        }

        if (entries.Count == 1)
        {
            refused.Add(entries[0].Number);
            return;
        }

        await FindRefused(append, entries.Take(entries.Count / 2).ToArray(), refused);
        await FindRefused(append, entries.Skip(entries.Count / 2).ToArray(), refused);
    }

    private async Task<bool> IsAccepted(JournalAppend append, IReadOnlyList<JournalEntry> entries)
    {
        await using NpgsqlConnection connection = await Connect();
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync();
        await using var batch = new NpgsqlBatch(connection, transaction) { Timeout = options.CommitTimeoutSeconds };
        AddEntries(batch.BatchCommands, [append with { Entries = entries }]);
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
        catch (Exception failure) when (PostgresAway.Is(failure))
        {
            throw new NotConnectedException(failure);
        }
    }

    /// <summary>The devices that begin, in the order of their keys.</summary>
    private static DeviceOpening[] OpeningsOf(IReadOnlyList<JournalAppend> appends) =>
    [
        .. appends.Select(append => append.Opens).OfType<DeviceOpening>()
            .OrderBy(opening => opening.Device.Device.Project, StringComparer.Ordinal)
            .ThenBy(opening => opening.Device.Device.Device, StringComparer.Ordinal),
    ];

    /// <summary>Must come before what changes or locks the rows of devices.</summary>
    private static void AddDevices(NpgsqlBatch batch, DeviceOpening[] openings)
    {
        if (openings.Length > 0)
        {
            var command = new NpgsqlBatchCommand(BeginDevices);
            command.Parameters.Add(Columns.Text(openings, opening => opening.Device.Device.Project));
            command.Parameters.Add(Columns.Text(openings, opening => opening.Device.Device.Device));
            command.Parameters.Add(Columns.Of(openings, opening => opening.Device.Epoch, NpgsqlDbType.Bigint));
            batch.BatchCommands.Add(command);
        }
    }

    /// <summary>A device that begins with the transaction needs no check: its row would have stopped the transaction.</summary>
    private static void AddEpochs(NpgsqlBatch batch, IReadOnlyList<JournalAppend> appends)
    {
        DeviceEpoch[] fences = appends
            .Where(append => append.Opens is null)
            .Select(append => append.Fence).OfType<DeviceEpoch>().Distinct().ToArray();
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
    /// Must follow the writes of the rows: a concurrent deletion of the session has then either finished before this
    /// batch, or finds the row and deletes it.
    /// </summary>
    private static void AddForgottenSessions(NpgsqlBatch batch, IReadOnlyList<JournalAppend> appends)
    {
        JournalAppend[] opening = [.. appends.Where(append => append.Row == RowChange.Insert)];
        if (opening.Length > 0)
        {
            var command = new NpgsqlBatchCommand(CheckForgottenSessions);
            command.Parameters.Add(Columns.Text(opening, append => append.Session.Project));
            command.Parameters.Add(Columns.Of(opening, append => append.Session.SessionId, NpgsqlDbType.Uuid));
            command.Parameters.Add(Columns.Of(opening, append => append.Entries[0].Number, NpgsqlDbType.Integer));
            batch.BatchCommands.Add(command);
        }
    }

    /// <summary>
    /// Must come before the check of epochs, which locks the same rows for sharing. Two transactions of one device would
    /// otherwise both share the row, and each would wait for the other before it writes the row.
    /// </summary>
    private static void AddHandOvers(NpgsqlBatch batch, IReadOnlyList<JournalAppend> appends)
    {
        HandOver[] handOvers = appends.Select(append => append.HandOver).OfType<HandOver>().DistinctBy(made => made.From).ToArray();
        if (handOvers.Length > 0)
        {
            var command = new NpgsqlBatchCommand(HandDevicesOver);
            command.Parameters.Add(Columns.Text(handOvers, made => made.From.Project));
            command.Parameters.Add(Columns.Text(handOvers, made => made.From.Device));
            command.Parameters.Add(Columns.Text(handOvers, made => made.To));
            batch.BatchCommands.Add(command);
        }
    }

    private static void AddEntries(NpgsqlBatchCommandCollection commands, IReadOnlyList<JournalAppend> appends)
    {
        (JournalAppend Append, JournalEntry Entry)[] rows = appends.SelectMany(append => append.Entries.Select(entry => (append, entry))).ToArray();
        var command = new NpgsqlBatchCommand(InsertEntries);
        NpgsqlParameterCollection parameters = command.Parameters;
        parameters.Add(Columns.Text(rows, row => row.Append.Session.Project));
        parameters.Add(Columns.Of(rows, row => row.Append.Session.SessionId, NpgsqlDbType.Uuid));
        parameters.Add(Columns.Of(rows, row => row.Entry.Number, NpgsqlDbType.Integer));
        parameters.Add(Columns.Of(rows, row => row.Append.Born, NpgsqlDbType.Date));
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

    /// <summary>
    /// Ends the sessions whose rows lack only the end. The rows are locked in the order of their keys, like everywhere,
    /// to avoid deadlocks.
    /// </summary>
    private static void AddEnds(NpgsqlBatch batch, IReadOnlyList<JournalAppend> appends)
    {
        JournalAppend[] ending =
        [
            .. appends.Where(append => append.Row == RowChange.End)
                .OrderBy(append => append.Session.Project, StringComparer.Ordinal)
                .ThenBy(append => append.Session.SessionId),
        ];
        if (ending.Length > 0)
        {
            var command = new NpgsqlBatchCommand(EndSessions);
            command.Parameters.Add(Columns.Text(ending, append => append.Session.Project));
            command.Parameters.Add(Columns.Of(ending, append => append.Session.SessionId, NpgsqlDbType.Uuid));
            command.Parameters.Add(Columns.Of(ending, append => append.After.Number, NpgsqlDbType.Integer));
            command.Parameters.Add(Columns.Of(ending, _ => SessionFold.FoldVersion, NpgsqlDbType.Smallint));
            command.Parameters.Add(Columns.Of(ending, append => FoldCodec.Write(append.After), NpgsqlDbType.Bytea));
            command.Parameters.Add(Columns.Text(ending, append => append.After.Status.ToWord()));
            command.Parameters.Add(Columns.Text(ending, append => append.After.EndReason?.ToWord()));
            batch.BatchCommands.Add(command);
        }
    }

    /// <summary>Writes the reminders of devices that begin, and removes those of devices that have no live session any more.</summary>
    private void AddReminders(NpgsqlBatch batch, IReadOnlyList<JournalAppend> appends, DeviceOpening[] openings)
    {
        ReminderEntry[] first =
        [
            .. openings.Where(opening => opening.ReminderDue is not null)
                .Select(opening => DeviceReminder.Entry(opening.Device.Device, opening.ReminderDue!.Value)),
        ];
        if (first.Length > 0)
        {
            batch.BatchCommands.Add(reminders.InsertCommand(first));
        }

        (string Grain, string Name, int Version)[] known =
        [
            .. appends.Where(append => append.Fence is { Reminder: not null })
                .Select(append => append.Fence!.Value)
                .Select(fence => (DeviceReminder.GrainOf(fence.Device).ToString(), DeviceReminder.Name, fence.Reminder!.Value)),
        ];
        if (known.Length > 0)
        {
            batch.BatchCommands.Add(reminders.RemoveCommand(known));
        }
    }

    private static void AddRows(
        NpgsqlBatch batch,
        IReadOnlyList<JournalAppend> appends,
        RowChange change,
        Func<IEnumerable<SessionSnapshot>, NpgsqlBatchCommand> command)
    {
        JournalAppend[] changing = appends.Where(append => append.Row == change).ToArray();
        if (changing.Length > 0)
        {
            SessionSnapshot[] snapshots =
                [.. changing.Select(append => new SessionSnapshot(append.Session, append.Born, append.After, append.Rules))];
            batch.BatchCommands.Add(command(snapshots));
            ReplayColumns.Add(batch.BatchCommands, snapshots);
        }
    }
}
