namespace Sessions.Samples.GameBackend;

/// <summary>A match of Nim: players in turn take one to three of the stones, and who takes the last one wins.</summary>
internal sealed class NimMatch(string first, string second)
{
    private const int Stones = 11;
    private const int MostAtOnce = 3;

    private readonly Lock _gate = new();
    private readonly string[] _players = [first, second];
    private TaskCompletionSource _moved = NewSignal();
    private int _left = Stones;
    private int _moves;

    public string Id { get; } = Guid.NewGuid().ToString("N");

    public IReadOnlyList<string> Players => _players;

    /// <summary>Takes stones; null when it is not the player's turn, or that can't be taken.</summary>
    public MatchState? Take(string player, int stones)
    {
        lock (_gate)
        {
            if (State().Turn != player || stones < 1 || stones > Math.Min(MostAtOnce, _left))
            {
                return null;
            }

            _left -= stones;
            _moves++;
            _moved.SetResult();
            _moved = NewSignal();
            return State();
        }
    }

    /// <summary>The state as soon as it is the player's turn, or nobody's.</summary>
    public async Task<MatchState> WaitForTurn(string player, CancellationToken cancellation)
    {
        while (true)
        {
            Task moved;
            lock (_gate)
            {
                MatchState state = State();
                if (state.Turn == player || state.Winner is not null)
                {
                    return state;
                }

                moved = _moved.Task;
            }

            await moved.WaitAsync(cancellation);
        }
    }

    private MatchState State() => _left == 0
        ? new MatchState(_left, Turn: null, Winner: _players[(_moves + 1) % 2])
        : new MatchState(_left, _players[_moves % 2], Winner: null);

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}

/// <summary>How a match stands.</summary>
/// <param name="Left">The stones that are left.</param>
/// <param name="Turn">Who is to move; null when it is over.</param>
/// <param name="Winner">Who has won; null while it goes on.</param>
internal sealed record MatchState(int Left, string? Turn, string? Winner);
