using System.Runtime.CompilerServices;

namespace Sessions.Tests.Simulation;

/// <summary>
/// Runs all turns of a simulation on the calling thread, in an order that the seed decides. Time stands still while any
/// turn is ready, and then goes on to the next event.
/// </summary>
internal sealed class SeededScheduler(int seed)
{
    private readonly PriorityQueue<Action, (long At, long Number)> _events = new();
    private readonly List<Actor> _ready = [];
    private long _numbers;
    private ulong _actors;

    /// <summary>The thread that all turns run on.</summary>
    public int Thread { get; } = Environment.CurrentManagedThreadId;

    /// <summary>Decides everything that is left to chance.</summary>
    public Random Random { get; } = new(seed);

    /// <summary>What happened, in its order.</summary>
    public Trace Trace { get; } = new();

    /// <summary>How long the simulation has run, by its own time.</summary>
    public TimeSpan Now { get; private set; }

    /// <summary>How many turns were run.</summary>
    public long Turns { get; private set; }

    public bool Chance(double probability) => probability > 0 && Random.NextDouble() < probability;

    /// <summary>A random time between two, with more of the shorter ones.</summary>
    public TimeSpan Between(TimeSpan least, TimeSpan most)
    {
        double place = Random.NextDouble();
        return least + ((most - least) * place * place);
    }

    /// <summary>Lets something happen after a time. It runs outside of all actors.</summary>
    public void After(TimeSpan delay, Action what) =>
        _events.Enqueue(what, ((Now + (delay > TimeSpan.Zero ? delay : TimeSpan.Zero)).Ticks, ++_numbers));

    /// <summary>Adds a line to the trace, when lines are kept. Otherwise the line is not even made.</summary>
    public void Say([InterpolatedStringHandlerArgument("")] ref TraceLine line)
    {
        if (Trace.IsKept)
        {
            Trace.Say(Now, line.ToStringAndClear());
        }
    }

    /// <summary>Goes on until something holds. It looks whenever no turn is ready.</summary>
    /// <returns>False when that is not so after the given time, or when nothing more can happen.</returns>
    public bool RunUntil(Func<bool> holds, TimeSpan limit)
    {
        TimeSpan end = Now + limit;
        while (true)
        {
            while (_ready.Count > 0)
            {
                RunOneTurn();
            }

            if (holds())
            {
                return true;
            }

            if (!_events.TryPeek(out _, out (long At, long Number) next) || next.At > end.Ticks)
            {
                return false;
            }

            Now = TimeSpan.FromTicks(next.At);
            _events.Dequeue()();
        }
    }

    internal ulong NextActor() => ++_actors;

    internal void AddReady(Actor actor) => _ready.Add(actor);

    internal void RemoveReady(Actor actor) => _ready.Remove(actor);

    private void RunOneTurn()
    {
        int place = _ready.Count == 1 ? 0 : Random.Next(_ready.Count);
        Actor actor = _ready[place];
        Turns++;
        Trace.Turn(actor, Now);
        if (!actor.RunOneTurn())
        {
            _ready[place] = _ready[^1];
            _ready.RemoveAt(_ready.Count - 1);
        }
    }
}
