using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Sessions.Domain.Querying.Hours;

/// <summary>
/// Numbers side by side in as few bytes as the farthest of them from the least takes: the least, the width (0, 1, 2, 4
/// or 8 bytes), then each number as its distance from the least plus one; zero stands for none. Numbers that are all the
/// same, or all none, have no width, and that one is the least.
/// </summary>
internal static class PackedNumbers
{
    /// <summary>What stands for no number.</summary>
    public const long None = long.MinValue;

    private const int HeaderSize = sizeof(long) + 1;

    /// <summary>Writes numbers, <see cref="None"/> among them.</summary>
    public static void Write(List<byte> to, ReadOnlySpan<long> numbers)
    {
        long least = long.MaxValue;
        long most = long.MinValue;
        foreach (long number in numbers)
        {
            if (number != None)
            {
                (least, most) = (Math.Min(least, number), Math.Max(most, number));
            }
        }

        bool isOne = numbers.IsEmpty || !numbers.ContainsAnyExcept(numbers[0]);
        least = isOne ? (numbers.IsEmpty ? None : numbers[0]) : least;
        ulong farthest = isOne ? 0 : checked((ulong)((Int128)most - least) + 1);
        int width = farthest switch { 0 => 0, <= byte.MaxValue => 1, <= ushort.MaxValue => 2, <= uint.MaxValue => 4, _ => 8 };
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, least);
        to.AddRange(bytes);
        to.Add((byte)width);
        if (width == 0)
        {
            return;
        }

        foreach (long number in numbers)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(bytes, number == None ? 0 : (ulong)((Int128)number - least) + 1);
            to.AddRange(bytes[..width]);
        }
    }

    /// <summary>How many bytes so many packed numbers take that begin here.</summary>
    public static int Size(ReadOnlySpan<byte> from, int count) => HeaderSize + (count * from[sizeof(long)]);

    /// <summary>Reads numbers; what stands for none becomes <see cref="None"/>.</summary>
    public static void Read(ReadOnlySpan<byte> from, Span<long> numbers)
    {
        long least = BinaryPrimitives.ReadInt64LittleEndian(from);
        long offset = unchecked(least - 1);
        ReadOnlySpan<byte> packed = from[HeaderSize..];
        switch (from[sizeof(long)])
        {
            case 0:
                numbers.Fill(least);
                break;
            case 1:
                for (int at = 0; at < numbers.Length; at++)
                {
                    numbers[at] = packed[at] == 0 ? None : offset + packed[at];
                }

                break;
            case 2:
                ReadOnlySpan<ushort> twos = MemoryMarshal.Cast<byte, ushort>(packed);
                for (int at = 0; at < numbers.Length; at++)
                {
                    numbers[at] = twos[at] == 0 ? None : offset + Ordered(twos[at]);
                }

                break;
            case 4:
                ReadOnlySpan<uint> fours = MemoryMarshal.Cast<byte, uint>(packed);
                for (int at = 0; at < numbers.Length; at++)
                {
                    numbers[at] = fours[at] == 0 ? None : offset + Ordered(fours[at]);
                }

                break;
            default:
                for (int at = 0; at < numbers.Length; at++)
                {
                    ulong distance = BinaryPrimitives.ReadUInt64LittleEndian(packed[(at * sizeof(ulong))..]);
                    numbers[at] = distance == 0 ? None : unchecked(offset + (long)distance);
                }

                break;
        }
    }

    private static ushort Ordered(ushort number) => BitConverter.IsLittleEndian ? number : BinaryPrimitives.ReverseEndianness(number);

    private static uint Ordered(uint number) => BitConverter.IsLittleEndian ? number : BinaryPrimitives.ReverseEndianness(number);
}
