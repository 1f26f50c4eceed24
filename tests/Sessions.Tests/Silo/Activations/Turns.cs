namespace Sessions.Tests.Silo.Activations;

/// <summary>
/// Runs what waits turn by turn on one thread, as Orleans does for a grain: then nothing races, and a case is the same
/// each time.
/// </summary>
internal sealed class Turns : SynchronizationContext
{
    private readonly Queue<(SendOrPostCallback Turn, object? State)> _turns = [];

    /// <summary>Does something and all that follows from it until everybody waits for something else.</summary>
    public static void Run(Action<Turns> action)
    {
        SynchronizationContext? outer = Current;
        var turns = new Turns();
        SetSynchronizationContext(turns);
        try
        {
            action(turns);
        }
        finally
        {
            SetSynchronizationContext(outer);
        }
    }

    public void RunAll()
    {
        while (_turns.TryDequeue(out (SendOrPostCallback Turn, object? State) next))
        {
            next.Turn(next.State);
        }
    }

    public override void Post(SendOrPostCallback d, object? state) => _turns.Enqueue((d, state));
}
