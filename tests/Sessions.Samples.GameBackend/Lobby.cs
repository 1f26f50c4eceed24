using System.Collections.Concurrent;

namespace Sessions.Samples.GameBackend;

/// <summary>Finds opponents: who comes second plays who came first.</summary>
internal sealed class Lobby
{
    private const int KeptMatches = 10_000;

    private readonly Lock _gate = new();
    private readonly Queue<string> _oldest = [];
    private readonly ConcurrentDictionary<string, NimMatch> _matches = [];
    private (string Player, TaskCompletionSource<NimMatch?> Found)? _waiting;

    /// <summary>A match by its id; null when there is none.</summary>
    public NimMatch? Find(string match) => _matches.GetValueOrDefault(match);

    /// <summary>A match for the player, as soon as there is an opponent; null when the player has left instead.</summary>
    public Task<NimMatch?> Join(string player)
    {
        TaskCompletionSource<NimMatch?> found;
        lock (_gate)
        {
            if (_waiting is { } other && other.Player != player)
            {
                _waiting = null;
                NimMatch match = new(other.Player, player);
                Keep(match);
                other.Found.SetResult(match);
                return Task.FromResult<NimMatch?>(match);
            }

            found = new(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting = (player, found);
        }

        return found.Task;
    }

    /// <summary>The player no longer waits for an opponent.</summary>
    public void Leave(string player)
    {
        lock (_gate)
        {
            if (_waiting is { } waiting && waiting.Player == player)
            {
                _waiting = null;
                waiting.Found.SetResult(null);
            }
        }
    }

    private void Keep(NimMatch match)
    {
        _matches[match.Id] = match;
        _oldest.Enqueue(match.Id);
        if (_oldest.Count > KeptMatches)
        {
            _matches.TryRemove(_oldest.Dequeue(), out _);
        }
    }
}
