using System.Buffers.Binary;
using System.Text;

namespace Sessions.Domain.Querying.Hours;

/// <summary>
/// Writes the sessions of an hour column by column: the number of sessions, their starts in order, their visitors'
/// digests, the numbers, and for each text the list of its values and each session's index in it.
/// </summary>
public static class HourWriter
{
    /// <summary>Writes an hour's sessions, which may be in any order.</summary>
    public static byte[] Write(IEnumerable<HourRow> sessions)
    {
        HourRow[] rows = [.. sessions.OrderBy(row => row.Start)];
        List<byte> bytes = [];
        Add(bytes, rows.Length);
        PackedNumbers.Write(bytes, [.. rows.Select(row => row.Start)]);
        Span<byte> digest = stackalloc byte[VisitorDigest.Size];
        foreach (HourRow row in rows)
        {
            BinaryPrimitives.WriteUInt128LittleEndian(digest, VisitorDigest.Of(row.DistinctId));
            bytes.AddRange(digest);
        }

        for (int place = 0; place < HourColumns.Numbers.Count; place++)
        {
            PackedNumbers.Write(bytes, [.. rows.Select(row => row.Numbers[place] ?? PackedNumbers.None)]);
        }

        for (int place = 0; place < HourColumns.Texts.Count; place++)
        {
            WriteTexts(bytes, [.. rows.Select(row => row.Texts[place])]);
        }

        return [.. bytes];
    }

    private static void WriteTexts(List<byte> bytes, string?[] texts)
    {
        Dictionary<string, long> places = [];
        foreach (string text in texts.OfType<string>())
        {
            places.TryAdd(text, places.Count);
        }

        Add(bytes, places.Count);
        foreach (string text in places.Keys)
        {
            byte[] its = Encoding.UTF8.GetBytes(text);
            Add(bytes, its.Length);
            bytes.AddRange(its);
        }

        PackedNumbers.Write(bytes, [.. texts.Select(text => text is null ? PackedNumbers.None : places[text])]);
    }

    private static void Add(List<byte> bytes, int number)
    {
        Span<byte> four = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(four, number);
        bytes.AddRange(four);
    }
}
