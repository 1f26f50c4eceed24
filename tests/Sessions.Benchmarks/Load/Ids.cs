using System.Buffers;
using System.Buffers.Text;

namespace Sessions.Benchmarks.Load;

/// <summary>Ids that follow from numbers, so that what was sent need not be remembered.</summary>
internal static class Ids
{
    // A time in the past makes it a UUID of version 7, as SDKs make them.
    private static readonly long Base = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();

    public static void WriteDevice(Span<byte> target, int device) =>
        Utf8Formatter.TryFormat(device, target, out _, new StandardFormat('D', (byte)EventText.DeviceHole.Length));

    public static Guid Session(int session) => Version7(Base, 1, Mixed((ulong)session));

    public static Guid Event(long number) => Version7(Base, 2, Mixed((ulong)number));

    /// <summary>As random as an SDK's, and one for each number: every step can be undone. 62 bits.</summary>
    private static ulong Mixed(ulong number)
    {
        const ulong Mask = (1UL << 62) - 1;
        number = number * 0x9E3779B97F4A7C15 & Mask;
        number ^= number >> 31;
        number = number * 0xBF58476D1CE4E5B9 & Mask;
        return number ^ number >> 31;
    }

    private static Guid Version7(long milliseconds, int kind, ulong number) => new(
        (uint)(milliseconds >> 16),
        (ushort)milliseconds,
        (ushort)(0x7000 | kind),
        (byte)(0x80 | (byte)(number >> 56 & 0x3f)),
        (byte)(number >> 48),
        (byte)(number >> 40),
        (byte)(number >> 32),
        (byte)(number >> 24),
        (byte)(number >> 16),
        (byte)(number >> 8),
        (byte)number);
}
