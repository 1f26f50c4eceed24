namespace Sessions.Domain;

/// <summary>
/// The time during which the store is one server on one timeline. It is over when the store has become another one, for
/// example a promoted standby, or the same server after a restart. The next history may lack what was committed in this
/// one, so what memory knows from this one counts no more.
/// </summary>
public sealed class StoreHistory
{
    private volatile bool _isOver;

    /// <summary>Whether another history has begun.</summary>
    public bool IsOver => _isOver;

    /// <summary>Records that another history has begun.</summary>
    public void End() => _isOver = true;
}
