using System.Buffers;

namespace Sessions.Domain.Querying.Hours;

/// <summary>The sessions that began in a range of time, column by column. A column is made at its first use.</summary>
public sealed class SessionTable : IDisposable
{
    /// <summary>The value that stands for a missing number.</summary>
    public const long None = PackedNumbers.None;

    private readonly Slice[] _slices;
    private readonly Lazy<long[]> _starts;
    private readonly Lazy<int[]> _visitors;
    private readonly Lazy<long[]>[] _numbers;
    private readonly Lazy<int[]>[] _texts;

    /// <param name="from">The start of the range, in microseconds since 1970.</param>
    /// <param name="to">The end of the range, exclusive.</param>
    /// <param name="hours">The hours that contain its sessions. Their sessions outside the range are left out.</param>
    /// <param name="persons">
    /// The person of each visitor, by the visitors' numbers. Visitors beyond the end are their own persons.
    /// </param>
    internal SessionTable(long from, long to, IEnumerable<PackedHour> hours, ReadOnlyMemory<int> persons)
    {
        (From, To) = (from, to);
        _slices = [.. Slices(hours, from, to)];
        Count = _slices.Sum(slice => slice.Length);
        _starts = new(() => Column<long>((hour, first, column) => hour.ReadStarts(first, column)));
        _visitors = new(() => Persons(persons.Span));
        _numbers =
        [
            .. HourColumns.Numbers.Select((_, place) => new Lazy<long[]>(
                () => Column<long>((hour, first, column) => hour.ReadNumbers(place, first, column)))),
        ];
        _texts =
        [
            .. HourColumns.Texts.Select((_, place) => new Lazy<int[]>(
                () => Column<int>((hour, first, column) => hour.ReadTexts(place, first, column)))),
        ];
    }

    private delegate void Reader<T>(PackedHour hour, int first, Span<T> column);

    /// <summary>The number of sessions.</summary>
    public int Count { get; }

    /// <summary>The start of each session, in microseconds since 1970.</summary>
    public ReadOnlySpan<long> Starts => _starts.Value.AsSpan(0, Count);

    /// <summary>The number of each session's person.</summary>
    public ReadOnlySpan<int> Visitors => _visitors.Value.AsSpan(0, Count);

    internal long From { get; }

    internal long To { get; }

    /// <summary>A numeric property of each session; <see cref="None"/> for missing values.</summary>
    public ReadOnlySpan<long> Numbers(string property) => _numbers[HourColumns.NumberAt(property)].Value.AsSpan(0, Count);

    /// <summary>The code of a text property of each session; zero for missing values.</summary>
    public ReadOnlySpan<int> Texts(string property) => _texts[HourColumns.TextAt(property)].Value.AsSpan(0, Count);

    /// <summary>Returns the rented memory. Don't use the table afterwards.</summary>
    public void Dispose()
    {
        Return([_starts, .. _numbers]);
        Return([_visitors, .. _texts]);
    }

    private static void Return<T>(IEnumerable<Lazy<T[]>> columns)
    {
        foreach (Lazy<T[]> column in columns.Where(column => column.IsValueCreated))
        {
            ArrayPool<T>.Shared.Return(column.Value);
        }
    }

    private static IEnumerable<Slice> Slices(IEnumerable<PackedHour> hours, long from, long to)
    {
        foreach (PackedHour hour in hours)
        {
            int first = hour.FirstAtOrAfter(from);
            int length = hour.FirstAtOrAfter(to) - first;
            if (length > 0)
            {
                yield return new Slice(hour, first, length);
            }
        }
    }

    private T[] Column<T>(Reader<T> read)
    {
        T[] column = ArrayPool<T>.Shared.Rent(Count);
        int at = 0;
        foreach (Slice slice in _slices)
        {
            read(slice.Hour, slice.First, column.AsSpan(at, slice.Length));
            at += slice.Length;
        }

        return column;
    }

    private int[] Persons(ReadOnlySpan<int> persons)
    {
        int[] column = Column<int>((hour, first, its) => hour.ReadVisitors(first, its));
        foreach (ref int visitor in column.AsSpan(0, Count))
        {
            visitor = visitor < persons.Length ? persons[visitor] : visitor;
        }

        return column;
    }

    private readonly record struct Slice(PackedHour Hour, int First, int Length);
}
