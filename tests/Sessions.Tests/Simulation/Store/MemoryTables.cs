using Sessions.Domain;
using Sessions.Domain.Devices;
using Sessions.Domain.Folding;
using Sessions.Silo.Checkpoints;

namespace Sessions.Tests.Simulation.Store;

/// <summary>
/// The tables that grains write, in memory: with the keys, conditions and fences of the statements in Postgres. Each method
/// is one transaction. <c>StoreConformance</c> holds it to what Postgres does.
/// </summary>
internal sealed class MemoryTables(TimeProvider clock)
{
    // As DeviceStore and its statements have them.
    private const int LatestSessions = 8;
    private const int SessionsOfADay = 64;
    private static readonly TimeSpan Day = TimeSpan.FromHours(35);

    private Dictionary<UserDeviceKey, Device> _devices = [];
    private Dictionary<SessionKey, Row> _rows = [];
    private Dictionary<(SessionKey Session, DateOnly Born), SortedList<int, JournalEntry>> _journal = [];
    private Dictionary<UserDeviceKey, (int Version, DateTimeOffset Due)> _reminders = [];

    /// <summary>Whether transactions check that the device's activation is the newest. Only a test of the simulation itself says no.</summary>
    public bool HasFence { get; init; } = true;

    /// <summary>Whether a device that exists can't begin again. Only a test of the simulation itself says no.</summary>
    public bool BeginsOnce { get; init; } = true;

    /// <summary>As long as the tables are one server's.</summary>
    public StoreHistory History { get; private set; } = new();

    /// <summary>Learns of each reminder that is written.</summary>
    public Action<UserDeviceKey, int, DateTimeOffset>? Reminded { get; set; }

    /// <summary>All sessions' rows.</summary>
    public IEnumerable<(SessionKey Session, SessionState State, SessionRules Rules)> Rows =>
        _rows.Select(row => (row.Key, row.Value.State, row.Value.Rules));

    /// <summary>All entries of the journal.</summary>
    public IEnumerable<(SessionKey Session, JournalEntry Entry)> Entries =>
        _journal.SelectMany(session => session.Value.Values.Select(entry => (session.Key.Session, entry)));

    /// <summary>
    /// What a standby knows that gets nothing more from now on. The action promotes it: whatever was committed since is gone.
    /// </summary>
    public Action LaggingStandby()
    {
        Dictionary<UserDeviceKey, Device> devices = new(_devices);
        Dictionary<SessionKey, Row> rows = new(_rows);
        var journal = _journal.ToDictionary(session => session.Key, session => new SortedList<int, JournalEntry>(session.Value));
        Dictionary<UserDeviceKey, (int Version, DateTimeOffset Due)> reminders = new(_reminders);
        return () =>
        {
            (_devices, _rows, _journal, _reminders) = (devices, rows, journal, reminders);
            History.End();
            History = new StoreHistory();
        };
    }

    /// <summary>Whether any session is live by its row.</summary>
    public bool HasLive => _rows.Values.Any(row => row.State.Status == SessionStatus.Live);

    /// <summary><c>checkpoint_gaps.sql</c>: the sessions whose rows lack entries, with the number of the last entry.</summary>
    public IEnumerable<OutdatedRow> Behind => _rows
        .Select(row => (Row: row.Value, Outdated: new OutdatedRow(row.Key, LastNumber(row.Key, row.Value.Born))))
        .Where(one => one.Outdated.Number > one.Row.State.Number)
        .Select(one => one.Outdated);

    /// <summary><c>device_open.sql</c>, the reminder and <c>device_sessions.sql</c>.</summary>
    public OpenedDevice Open(UserDeviceKey device, DateTimeOffset? reminderDue, bool leaveUnknown = false)
    {
        if (leaveUnknown && !_devices.ContainsKey(device) && !SessionsOf(device).Any() && !(reminderDue is null && _reminders.ContainsKey(device)))
        {
            return new OpenedDevice(clock.GetUtcNow().ToUnixTimeMilliseconds(), [], null) { IsUnknown = true };
        }

        Device known = _devices[device] = _devices.TryGetValue(device, out Device? before)
            ? before with { Epoch = before.Epoch + 1 }
            : new Device(clock.GetUtcNow().ToUnixTimeMilliseconds(), null);
        int? reminder = reminderDue is { } due ? Remind(device, due)
            : _reminders.TryGetValue(device, out (int Version, DateTimeOffset Due) there) ? there.Version : null;

        KeyValuePair<SessionKey, Row>[] all = [.. SessionsOf(device).OrderByDescending(row => row.Value.State.Start)];
        KeyValuePair<SessionKey, Row>[] latest = all[..Math.Min(all.Length, LatestSessions + 1)];
        IEnumerable<KeyValuePair<SessionKey, Row>> found = latest
            .Concat(all.Where(row => row.Value.State.Start > clock.GetUtcNow() - Day).Take(SessionsOfADay))
            .DistinctBy(row => row.Key)
            .ToArray();
        DateTimeOffset? since = latest.Length > LatestSessions ? found.Min(row => row.Value.State.Start) : null;
        return new OpenedDevice(
            known.Epoch,
            [
                .. found.Concat(all.Where(row => row.Value.State.Status == SessionStatus.Live)).DistinctBy(row => row.Key)
                    .Select(row => new SessionCheckpoint(row.Key.SessionId, row.Value.State)
                    {
                        IsCurrent = row.Key == latest[0].Key
                            && row.Value.State.Status == SessionStatus.Ended
                            && LastNumber(row.Key, row.Value.Born) <= row.Value.State.Number,
                    }),
            ],
            since,
            known.HandedTo,
            reminder);
    }

    public long EpochOf(UserDeviceKey device) => _devices.TryGetValue(device, out Device? known) ? known.Epoch : 0;

    /// <summary><c>reminder_upsert.sql</c>.</summary>
    public int Remind(UserDeviceKey device, DateTimeOffset due)
    {
        int version = _reminders.TryGetValue(device, out (int Version, DateTimeOffset Due) known) ? known.Version + 1 : 0;
        _reminders[device] = (version, due);
        Reminded?.Invoke(device, version, due);
        return version;
    }

    /// <summary><c>reminder_remove.sql</c>.</summary>
    public void RemindNoMore(UserDeviceKey device, int version)
    {
        if (ReminderOf(device) == version)
        {
            _reminders.Remove(device);
        }
    }

    /// <summary>The version of a device's reminder; null when it has none.</summary>
    public int? ReminderOf(UserDeviceKey device) =>
        _reminders.TryGetValue(device, out (int Version, DateTimeOffset Due) known) ? known.Version : null;

    /// <summary><c>device_sessions_around.sql</c>.</summary>
    public IReadOnlyList<SessionCheckpoint> SessionsAround(UserDeviceKey device, DateTimeOffset time, TimeSpan idleTimeout)
    {
        KeyValuePair<SessionKey, Row>[] before =
            [.. SessionsOf(device).Where(row => row.Value.State.Start <= time).OrderByDescending(row => row.Value.State.Start)];
        return
        [
            .. before
                .Where(row => row.Value.State.Start >= time - SessionRules.MaxLength - idleTimeout && row.Value.State.End >= time - idleTimeout)
                .Take(16)
                .Concat(before.Take(LatestSessions))
                .Concat(SessionsOf(device).Where(row => row.Value.State.Start > time).OrderBy(row => row.Value.State.Start).Take(4))
                .DistinctBy(row => row.Key)
                .Select(row => new SessionCheckpoint(row.Key.SessionId, row.Value.State)),
        ];
    }

    /// <summary>The transaction of <c>JournalTransaction</c>: all of an append or nothing.</summary>
    public JournalOutcome Commit(JournalAppend append)
    {
        if (append.Opens is { } begins && BeginsOnce
            && (_devices.ContainsKey(begins.Device.Device) || (begins.ReminderDue is not null && ReminderOf(begins.Device.Device) is not null)))
        {
            return JournalOutcome.Conflict;
        }

        if (HasFence && append is { Opens: null, Fence: { } fence } && EpochOf(fence.Device) != fence.Epoch)
        {
            return JournalOutcome.Fenced;
        }

        SortedList<int, JournalEntry> journal = JournalOf(append.Session, append.Born);
        if (append.Entries.Any(entry => journal.ContainsKey(entry.Number))
            || (append.Row == RowChange.Insert && _rows.ContainsKey(append.Session)))
        {
            return JournalOutcome.Conflict;
        }

        if (append.Opens is { } opening)
        {
            _devices[opening.Device.Device] = new Device(opening.Device.Epoch, null);
            if (opening.ReminderDue is { } due)
            {
                Remind(opening.Device.Device, due);
            }
        }

        foreach (JournalEntry entry in append.Entries)
        {
            journal.Add(entry.Number, entry);
        }

        if (append.Row == RowChange.Insert)
        {
            _rows.Add(append.Session, new Row(append.Born, append.After, append.Rules));
        }
        else if (append.Row == RowChange.Update)
        {
            Checkpoint(append.Session, append.After, append.Rules);
        }
        else if (append.Row == RowChange.End && _rows.TryGetValue(append.Session, out Row? row) && row.State.Number == append.After.Number - 1)
        {
            _rows[append.Session] = row with { State = append.After };
        }

        if (append.Fence is { Reminder: { } reminder } remover)
        {
            RemindNoMore(remover.Device, reminder);
        }

        if (append.HandOver is { } handOver && _devices.TryGetValue(handOver.From, out Device? giver))
        {
            _devices[handOver.From] = giver with { HandedTo = handOver.To };
        }

        return JournalOutcome.Committed;
    }

    /// <summary><c>session_checkpoint.sql</c>.</summary>
    public void Checkpoint(SessionKey session, SessionState state, SessionRules rules)
    {
        if (_rows.TryGetValue(session, out Row? row) && row.State.Number < state.Number)
        {
            _rows[session] = row with { State = state, Rules = rules };
        }
    }

    /// <summary><c>session_load.sql</c> and what follows it.</summary>
    public StoredSession? Load(SessionKey session)
    {
        if (!_rows.TryGetValue(session, out Row? row))
        {
            return null;
        }

        IList<JournalEntry> entries = JournalOf(session, row.Born).Values;
        return new StoredSession(
            row.Born,
            row.State,
            [.. entries.Where(entry => entry.Number > row.State.Number)],
            [
                .. entries.Where(entry => entry.Kind is EntryKind.NamedEvent or EntryKind.PlacedEvent or EntryKind.Replay)
                    .Select(entry => new SeenEvent(entry.EventId, entry.Device, entry.Number)),
            ]);
    }

    /// <summary><c>session_last_numbers.sql</c>.</summary>
    public int LastNumber(SessionKey session, DateOnly born) =>
        _journal.TryGetValue((session, born), out SortedList<int, JournalEntry>? entries) && entries.Count > 0 ? entries.Keys[^1] : 0;

    /// <summary><c>session_contents.sql</c>.</summary>
    public IReadOnlyDictionary<int, EventContent> Contents(SessionKey session, DateOnly born, IReadOnlyCollection<int> numbers)
    {
        SortedList<int, JournalEntry> journal = JournalOf(session, born);
        return numbers.Where(journal.ContainsKey).ToDictionary(number => number, number => EventContent.Of(journal[number]));
    }

    private IEnumerable<KeyValuePair<SessionKey, Row>> SessionsOf(UserDeviceKey device) =>
        _rows.Where(row => row.Value.State.Owner == device.Device && row.Key.Project == device.Project);

    private SortedList<int, JournalEntry> JournalOf(SessionKey session, DateOnly born)
    {
        if (!_journal.TryGetValue((session, born), out SortedList<int, JournalEntry>? entries))
        {
            _journal[(session, born)] = entries = [];
        }

        return entries;
    }

    private sealed record Device(long Epoch, string? HandedTo);

    private sealed record Row(DateOnly Born, SessionState State, SessionRules Rules);
}
