namespace Sessions.Tests.Simulation.Store;

/// <summary>How a statement gets to the tables and its answer back.</summary>
internal interface IStoreLink
{
    /// <summary>Sends a statement.</summary>
    /// <param name="what">Its name, for the trace.</param>
    /// <param name="execute">What it does to the tables, at once and completely.</param>
    /// <param name="done">What its sender learns.</param>
    void Send(string what, Action execute, Action<Reached> done);
}

/// <summary>What the sender of a statement learns.</summary>
internal enum Reached
{
    /// <summary>It was executed.</summary>
    Answered,

    /// <summary>It was not executed.</summary>
    NotSent,

    /// <summary>The connection broke: it was executed or not.</summary>
    Unknown,
}

/// <summary>Nothing is ever lost, and nothing takes time.</summary>
internal sealed class DirectLink : IStoreLink
{
    public void Send(string what, Action execute, Action<Reached> done)
    {
        execute();
        done(Reached.Answered);
    }
}
