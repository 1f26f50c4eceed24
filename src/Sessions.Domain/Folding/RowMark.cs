namespace Sessions.Domain.Folding;

/// <summary>
/// What a session's row is known to have. The session's own transactions report here, and so do checkpoints, which another
/// thread writes.
/// </summary>
public sealed class RowMark
{
    private volatile Written? _last;

    /// <summary>Records that the row has the state after an entry, with the columns that the rules give.</summary>
    /// <param name="number">The number of the entry.</param>
    /// <param name="rules">The rules.</param>
    public void Set(int number, SessionRules rules)
    {
        // Of two at the same time the older may win. Then an end writes more columns than it has to.
        if (_last is not { } last || last.Number < number)
        {
            _last = new Written(number, rules);
        }
    }

    /// <summary>Whether the row has exactly the state after that entry, with the columns that these rules give.</summary>
    public bool IsAt(int number, SessionRules rules) => _last is { } last && last.Number == number && last.Rules == rules;

    /// <summary>Whether the row has that entry.</summary>
    public bool Has(int number) => _last is { } last && last.Number >= number;

    private sealed record Written(int Number, SessionRules Rules);
}
