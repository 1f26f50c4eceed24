namespace Sessions.Domain.Querying.Hours;

/// <summary>The sessions of ranges of time, for one question. <see cref="ProjectHours"/> must not change meanwhile.</summary>
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

    /// <summary>The visitors' numbers are less than this.</summary>
    public int Visitors { get; }

    /// <summary>The texts by their codes; null for zero, and for a code that no session has.</summary>
    public IReadOnlyList<string?> TextsOf(string property) => _texts[HourColumns.TextAt(property)].Texts;

    /// <summary>The table of a range.</summary>
    public SessionTable Of(long from, long to) => _tables.First(table => table.From == from && table.To == to);

    /// <summary>Gives their memory back; they must not be used afterwards.</summary>
    public void Dispose()
    {
        foreach (SessionTable table in _tables)
        {
            table.Dispose();
        }
    }
}
