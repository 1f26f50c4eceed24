namespace Sessions.Domain.Querying.Hours;

/// <summary>The sessions that began in a range of time, column by column.</summary>
public sealed class SessionTable
{
    private readonly long[]?[] _numbers;
    private readonly int[]?[] _texts;
    private long[] _starts;
    private int[] _visitors;

    /// <param name="from">The range's beginning, in microseconds since 1970.</param>
    /// <param name="to">Its end, exclusive.</param>
    /// <param name="numbers">The numbers that are wanted.</param>
    /// <param name="texts">The texts that are wanted.</param>
    /// <param name="size">How many sessions there will be, as far as is known.</param>
    internal SessionTable(long from, long to, IReadOnlySet<string> numbers, IReadOnlySet<string> texts, int size)
    {
        (From, To) = (from, to);
        (_starts, _visitors) = (new long[size], new int[size]);
        _numbers = [.. HourColumns.Numbers.Select(name => numbers.Contains(name) ? new long[size] : null)];
        _texts = [.. HourColumns.Texts.Select(name => texts.Contains(name) ? new int[size] : null)];
    }

    /// <summary>How many sessions there are.</summary>
    public int Count { get; private set; }

    /// <summary>When each began, in microseconds since 1970.</summary>
    public ReadOnlySpan<long> Starts => _starts.AsSpan(0, Count);

    /// <summary>Who had each: the visitor's number.</summary>
    public ReadOnlySpan<int> Visitors => _visitors.AsSpan(0, Count);

    internal long From { get; }

    internal long To { get; }

    /// <summary>A number of each; <see cref="None"/> where there is none.</summary>
    public ReadOnlySpan<long> Numbers(string property) => _numbers[HourColumns.NumberAt(property)].AsSpan(0, Count);

    /// <summary>A text of each, by its code; zero where there is none.</summary>
    public ReadOnlySpan<int> Texts(string property) => _texts[HourColumns.TextAt(property)].AsSpan(0, Count);

    /// <summary>What stands where there is no number.</summary>
    public const long None = PackedNumbers.None;

    /// <summary>Makes room for more sessions and returns the first's place.</summary>
    internal int Extend(int count)
    {
        int first = Count;
        Count += count;
        if (Count > _starts.Length)
        {
            int size = Math.Max(Count, _starts.Length * 2);
            Array.Resize(ref _starts, size);
            Array.Resize(ref _visitors, size);
            for (int place = 0; place < _numbers.Length; place++)
            {
                if (_numbers[place] is not null)
                {
                    Array.Resize(ref _numbers[place], size);
                }
            }

            for (int place = 0; place < _texts.Length; place++)
            {
                if (_texts[place] is not null)
                {
                    Array.Resize(ref _texts[place], size);
                }
            }
        }

        return first;
    }

    internal Span<long> StartsFrom(int first) => _starts.AsSpan(first, Count - first);

    internal Span<int> VisitorsFrom(int first) => _visitors.AsSpan(first, Count - first);

    internal Span<long> NumbersFrom(int place, int first) => _numbers[place].AsSpan(first, Count - first);

    internal Span<int> TextsFrom(int place, int first) => _texts[place].AsSpan(first, Count - first);
}
