using Sessions.Domain;

namespace Sessions.Grains;

internal sealed partial class SessionGrain
{
    public async Task Forget(PersonDeletion deletion)
    {
        while (_loading is { IsCompleted: false } loading)
        {
            // Whoever asked for it hears how it ended.
            await ((Task)loading).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        }

        // Nothing begins on what is about to go: all that comes waits for the load, which takes it out first.
        _ledger?.Chain.Break();
        _loading = TakeOutAndLoad(deletion);
        await _loading;
    }

    private async Task<SessionLedger> TakeOutAndLoad(PersonDeletion deletion)
    {
        _rules = await projects.Of(Key.Project);
        SessionState? before = _ledger?.Committed;
        if (_ledger is not null)
        {
            await _ledger.Settled();
        }

        await deletions.TakeOut(deletion, Key);
        bool wasLive = _wasLive;
        SessionLedger ledger = await LoadAnew();
        if (ledger.Committed is { } left)
        {
            // Its row still says what the person did.
            await store.CheckpointNow(Key, left, Rules);
            return ledger;
        }

        _owner = default;
        if (wasLive && before is not null && feed.IsWatched(Key.Project))
        {
            // Those who watch must not go on to see it.
            feed.Tell(Key, before with { Status = SessionStatus.Ended, EndReason = EndReason.Reset }, Rules, wasLive: true);
        }

        DeactivateOnIdle();
        return ledger;
    }
}
