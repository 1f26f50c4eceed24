namespace Sessions.Domain.Querying.Hours;

/// <summary>
/// The sessions of ranges of time, for one query. <see cref="ProjectHours"/> must not change while they are in use.
/// </summary>
public sealed class SessionTables : IDisposable
{
    private readonly SessionTable[] _tables;
    private readonly IReadOnlyList<TextCodes> _texts;

    internal SessionTables(
        IEnumerable<(long From, long To)> ranges,
        IReadOnlyList<PackedHour> hours,
        IReadOnlyList<TextCodes> texts,
        int visitors,
        ReadOnlyMemory<int> persons)
    {
        _tables = [.. ranges.Distinct().Select(range => new SessionTable(range.From, range.To, hours, persons))];
        (_texts, Visitors) = (texts, visitors);
    }

    /// <summary>The upper limit of the visitors' numbers, exclusive.</summary>
    public int Visitors { get; }

    /// <summary>The texts of a property by their codes; null for zero and for unused codes.</summary>
    public IReadOnlyList<string?> TextsOf(string property) => _texts[HourColumns.TextAt(property)].Texts;

    /// <summary>The table of a range.</summary>
    public SessionTable Of(long from, long to) => _tables.First(table => table.From == from && table.To == to);

    /// <summary>Returns the rented memory. Don't use the tables afterwards.</summary>
    public void Dispose()
    {
        foreach (SessionTable table in _tables)
        {
            table.Dispose();
        }
    }
}
