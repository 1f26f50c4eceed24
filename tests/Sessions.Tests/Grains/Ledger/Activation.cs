using Sessions.Domain;
using Sessions.Grains;

namespace Sessions.Tests.Grains.Ledger;

/// <summary>An activation of one session without Orleans: it loads, takes and loads again as the session's grain does.</summary>
internal sealed class Activation(FailingJournal journal)
{
    private const int MaxAttempts = 4;

    private static readonly SessionKey Key = SessionKey.Create("shop", new Guid(1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1));
    private static readonly UserDeviceKey Device = UserDeviceKey.Create("shop", "ann", "phone");
    private static readonly SessionRules Rules = new();
    private static readonly DateOnly Today = new(2026, 3, 1);

    private SessionLedger? _ledger;
    private Task<SessionLedger>? _loading;

    public SessionState? Committed => _ledger is { Chain.IsBroken: false } ? _ledger.Committed : null;

    /// <summary>The receipts; null when the events can't be made durable now.</summary>
    public async Task<IReadOnlyList<EventReceipt>?> Append(IReadOnlyList<SessionEvent> events)
    {
        var call = new AppendCall(Device, [.. events.Select(happened => new PlacedEvent(happened, true, happened.Timestamp))]);
        for (int attempt = 0; attempt < MaxAttempts; attempt++)
        {
            SessionLedger ledger = await Load();
            while (call.Unread(ledger) is { Count: > 0 } unread)
            {
                call.Learn(unread, await journal.Contents(unread));
                ledger = await Load();
            }

            SessionLedger.Draft draft = ledger.Begin(Rules);
            call.Sort(ledger, draft, events[0].Timestamp!.Value, Nobody.Forgotten);
            Task<RunResult>? own = draft.Entries.Count > 0 ? Send(ledger, draft) : null;
            bool twinsCommitted = true;
            foreach (Task<RunResult> twin in call.Twins)
            {
                twinsCommitted &= (await twin).Outcome == RunOutcome.Committed;
            }

            RunResult result = own is null ? RunResult.Of(RunOutcome.Committed) : await own;
            call.Settle(result);
            if (result.Outcome == RunOutcome.Unavailable)
            {
                return null;
            }

            if (twinsCommitted && result.Outcome == RunOutcome.Committed)
            {
                return call.Receipts(Key.SessionId);
            }
        }

        return null;
    }

    public async Task End()
    {
        SessionLedger ledger = await Load();
        if (ledger.Pending is { Status: SessionStatus.Live } state)
        {
            SessionLedger.Draft draft = ledger.Begin(Rules);
            draft.AddEnd(EndReason.Idle, state.End, state.End);
            await Send(ledger, draft);
        }
    }

    public void Checkpoint()
    {
        if (_ledger?.TakeCheckpoint() is { } state)
        {
            journal.Checkpoint = Newer(journal.Checkpoint, state);
        }
    }

    private Task<RunResult> Send(SessionLedger ledger, SessionLedger.Draft draft) =>
        ledger.Send(draft, journal, new DeviceCall(Device, 1), fenced: false);

    private async Task<SessionLedger> Load()
    {
        if (_ledger is { Chain.IsBroken: false } ledger)
        {
            return ledger;
        }

        if (_loading is null || _loading.IsCompleted)
        {
            _loading = LoadAnew();
        }

        return await _loading;
    }

    private async Task<SessionLedger> LoadAnew()
    {
        if (_ledger is not null)
        {
            await _ledger.Settled();
        }

        return _ledger = SessionLedger.Of(Key, journal.Load(), Rules, Today);
    }

    private static byte[] Newer(byte[]? stored, SessionState state) =>
        stored is not null && FoldCodec.TryRead(SessionFold.FoldVersion, stored)!.Number >= state.Number
            ? stored
            : FoldCodec.Write(state);
}
