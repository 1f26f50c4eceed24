using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Sessions.Domain.Querying.Hours;

/// <summary>
/// Numbers in a compact form: the smallest number, the width (0, 1, 2, 4 or 8 bytes), and then each number as its
/// difference from the smallest one plus one, in that width; zero stands for a missing number. If all numbers are the
/// same, or all are missing, the width is 0 and the header contains that number.
/// </summary>
internal static class PackedNumbers
{
    /// <summary>The value that stands for a missing number.</summary>
    public const long None = long.MinValue;

    private const int HeaderSize = sizeof(long) + 1;

    /// <summary>Writes numbers, which may include <see cref="None"/>.</summary>
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
        int size = to.Count;
        CollectionsMarshal.SetCount(to, size + HeaderSize + (numbers.Length * width));
        Span<byte> bytes = CollectionsMarshal.AsSpan(to)[size..];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, least);
        bytes[sizeof(long)] = (byte)width;
        Pack(numbers, least, width, bytes[HeaderSize..]);
    }

    /// <summary>The size in bytes of that many packed numbers, which begin here.</summary>
    public static int Size(ReadOnlySpan<byte> from, int count) => HeaderSize + (count * from[sizeof(long)]);

    /// <summary>Reads numbers. Missing ones become <see cref="None"/>.</summary>
    public static void Read(ReadOnlySpan<byte> from, Span<long> numbers) => Read(from, 0, numbers);

    /// <summary>Reads numbers from an index on. Missing ones become <see cref="None"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Read(ReadOnlySpan<byte> from, int first, Span<long> numbers)
    {
        long least = BinaryPrimitives.ReadInt64LittleEndian(from);
        long offset = unchecked(least - 1);
        int width = from[sizeof(long)];
        ReadOnlySpan<byte> packed = from[(HeaderSize + (first * width))..];
        switch (width)
        {
            case 0:
                numbers.Fill(least);
                break;
            case 1:
                packed = packed[..numbers.Length];
                for (int at = 0; at < packed.Length; at++)
                {
                    numbers[at] = packed[at] == 0 ? None : offset + packed[at];
                }

                break;
            case 2:
                ReadOnlySpan<ushort> twos = MemoryMarshal.Cast<byte, ushort>(packed)[..numbers.Length];
                for (int at = 0; at < twos.Length; at++)
                {
                    numbers[at] = twos[at] == 0 ? None : offset + Ordered(twos[at]);
                }

                break;
            case 4:
                ReadOnlySpan<uint> fours = MemoryMarshal.Cast<byte, uint>(packed)[..numbers.Length];
                for (int at = 0; at < fours.Length; at++)
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

    /// <summary>Reads numbers from an index on, none of which is missing and all of which have 32 bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Read(ReadOnlySpan<byte> from, int first, Span<int> numbers)
    {
        int least = (int)BinaryPrimitives.ReadInt64LittleEndian(from);
        int offset = unchecked(least - 1);
        int width = from[sizeof(long)];
        ReadOnlySpan<byte> packed = from[(HeaderSize + (first * width))..];
        switch (width)
        {
            case 0:
                numbers.Fill(least);
                break;
            case 1:
                packed = packed[..numbers.Length];
                for (int at = 0; at < packed.Length; at++)
                {
                    numbers[at] = offset + packed[at];
                }

                break;
            case 2:
                ReadOnlySpan<ushort> twos = MemoryMarshal.Cast<byte, ushort>(packed)[..numbers.Length];
                for (int at = 0; at < twos.Length; at++)
                {
                    numbers[at] = offset + Ordered(twos[at]);
                }

                break;
            default:
                for (int at = 0; at < numbers.Length; at++)
                {
                    numbers[at] = unchecked(offset + (int)BinaryPrimitives.ReadUInt32LittleEndian(packed[(at * width)..]));
                }

                break;
        }
    }

    private static void Pack(ReadOnlySpan<long> numbers, long least, int width, Span<byte> bytes)
    {
        for (int at = 0; at < numbers.Length && width > 0; at++)
        {
            ulong distance = numbers[at] == None ? 0 : unchecked((ulong)numbers[at] - (ulong)least + 1);
            Span<byte> its = bytes[(at * width)..];
            switch (width)
            {
                case 1:
                    its[0] = (byte)distance;
                    break;
                case 2:
                    BinaryPrimitives.WriteUInt16LittleEndian(its, (ushort)distance);
                    break;
                case 4:
                    BinaryPrimitives.WriteUInt32LittleEndian(its, (uint)distance);
                    break;
                default:
                    BinaryPrimitives.WriteUInt64LittleEndian(its, distance);
                    break;
            }
        }
    }

    private static ushort Ordered(ushort number) => BitConverter.IsLittleEndian ? number : BinaryPrimitives.ReverseEndianness(number);

    private static uint Ordered(uint number) => BitConverter.IsLittleEndian ? number : BinaryPrimitives.ReverseEndianness(number);
}
