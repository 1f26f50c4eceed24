using System.Buffers.Binary;

namespace Sessions.Domain.Querying.Hours;

/// <summary>
/// The sessions of an hour in memory, column by column as <see cref="PackedNumbers"/>, in the order of their starts: the
/// starts, the visitors' numbers, the numbers, and the texts' codes.
/// </summary>
internal sealed class PackedHour
{
    private const int Starts = 0;
    private const int Visitors = 1;
    private const int FirstNumber = 2;
    private static readonly int FirstText = FirstNumber + HourColumns.Numbers.Count;

    private readonly byte[] _bytes;
    private readonly int[] _columns;

    private PackedHour(int count, byte[] bytes, int[] columns)
    {
        (Count, _bytes, _columns) = (count, bytes, columns);
        Span<long> ends = stackalloc long[1];
        if (count > 0)
        {
            PackedNumbers.Read(Column(Starts), 0, ends);
            First = ends[0];
            PackedNumbers.Read(Column(Starts), count - 1, ends);
            Last = ends[0];
        }
    }

    /// <summary>The number of sessions.</summary>
    public int Count { get; }

    /// <summary>The start of the first session, in microseconds since 1970.</summary>
    public long First { get; }

    /// <summary>The start of the last session, in microseconds since 1970.</summary>
    public long Last { get; }

    /// <summary>The approximate size in bytes of memory.</summary>
    public long Bytes => _bytes.Length + (_columns.Length * sizeof(int)) + 100;

    /// <summary>
    /// Reads the sessions of an hour that <see cref="HourWriter"/> wrote. Holds a reference to each of their visitors
    /// and texts.
    /// </summary>
    public static PackedHour Of(ReadOnlySpan<byte> written, VisitorNumbers visitors, IReadOnlyList<TextCodes> texts)
    {
        int count = BinaryPrimitives.ReadInt32LittleEndian(written);
        written = written[sizeof(int)..];
        List<byte> bytes = new(written.Length);
        int[] columns = new int[FirstText + HourColumns.Texts.Count];
        written = Copy(written, count, bytes);
        columns[Visitors] = bytes.Count;
        long[] column = new long[count];
        for (int row = 0; row < count; row++)
        {
            column[row] = visitors.Hold(BinaryPrimitives.ReadUInt128LittleEndian(written[(row * VisitorDigest.Size)..]));
        }

        PackedNumbers.Write(bytes, column);
        written = written[(count * VisitorDigest.Size)..];
        for (int place = 0; place < HourColumns.Numbers.Count; place++)
        {
            columns[FirstNumber + place] = bytes.Count;
            written = Copy(written, count, bytes);
        }

        for (int place = 0; place < HourColumns.Texts.Count; place++)
        {
            columns[FirstText + place] = bytes.Count;
            written = ReadTexts(written, texts[place], column);
            PackedNumbers.Write(bytes, column);
        }

        return new PackedHour(count, [.. bytes], columns);
    }

    /// <summary>Releases the references to visitors and texts. Don't use the hour afterwards.</summary>
    public void Release(VisitorNumbers visitors, IReadOnlyList<TextCodes> texts)
    {
        int[] column = new int[Count];
        ReadVisitors(0, column);
        foreach (int visitor in column)
        {
            visitors.Release(visitor);
        }

        for (int place = 0; place < HourColumns.Texts.Count; place++)
        {
            ReadTexts(place, 0, column);
            foreach (int code in column)
            {
                if (code != 0)
                {
                    texts[place].Release(code);
                }
            }
        }
    }

    /// <summary>The index of the first session that began at that time or later.</summary>
    public int FirstAtOrAfter(long time)
    {
        if (Count == 0 || time <= First)
        {
            return 0;
        }

        if (time > Last)
        {
            return Count;
        }

        (int low, int high) = (0, Count);
        Span<long> start = stackalloc long[1];
        while (low < high)
        {
            int middle = (low + high) / 2;
            PackedNumbers.Read(Column(Starts), middle, start);
            (low, high) = start[0] < time ? (middle + 1, high) : (low, middle);
        }

        return low;
    }

    public void ReadStarts(int first, Span<long> to) => PackedNumbers.Read(Column(Starts), first, to);

    public void ReadVisitors(int first, Span<int> to) => PackedNumbers.Read(Column(Visitors), first, to);

    public void ReadNumbers(int place, int first, Span<long> to) => PackedNumbers.Read(Column(FirstNumber + place), first, to);

    public void ReadTexts(int place, int first, Span<int> to) => PackedNumbers.Read(Column(FirstText + place), first, to);

    private ReadOnlySpan<byte> Column(int column) => _bytes.AsSpan(_columns[column]);

    private static ReadOnlySpan<byte> Copy(ReadOnlySpan<byte> written, int count, List<byte> bytes)
    {
        int size = PackedNumbers.Size(written, count);
        bytes.AddRange(written[..size]);
        return written[size..];
    }

    /// <summary>Reads the texts' codes into the column.</summary>
    private static ReadOnlySpan<byte> ReadTexts(ReadOnlySpan<byte> written, TextCodes texts, Span<long> column)
    {
        int count = BinaryPrimitives.ReadInt32LittleEndian(written);
        ReadOnlySpan<byte> at = written[sizeof(int)..];
        for (int text = 0; text < count; text++)
        {
            at = at[(sizeof(int) + BinaryPrimitives.ReadInt32LittleEndian(at))..];
        }

        PackedNumbers.Read(at, column);
        ReadOnlySpan<byte> after = at[PackedNumbers.Size(at, column.Length)..];
        int[] times = new int[count];
        foreach (long place in column)
        {
            if (place != PackedNumbers.None)
            {
                times[place]++;
            }
        }

        int[] codes = new int[count];
        at = written[sizeof(int)..];
        for (int text = 0; text < count; text++)
        {
            int length = BinaryPrimitives.ReadInt32LittleEndian(at);
            codes[text] = texts.Hold(at.Slice(sizeof(int), length), times[text]);
            at = at[(sizeof(int) + length)..];
        }

        foreach (ref long place in column)
        {
            place = place == PackedNumbers.None ? 0 : codes[place];
        }

        return after;
    }
}
