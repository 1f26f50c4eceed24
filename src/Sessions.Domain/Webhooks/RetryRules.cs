using System.Buffers.Binary;

namespace Sessions.Domain.Webhooks;

/// <summary>When a delivery that failed is tried again, and when no more.</summary>
/// <param name="First">The pause after the first attempt.</param>
/// <param name="Longest">The longest pause.</param>
/// <param name="MaxAttempts">So many attempts, and it is dead.</param>
/// <param name="LongestRest">The longest rest of an endpoint that fails at everything.</param>
public sealed record RetryRules(TimeSpan First, TimeSpan Longest, int MaxAttempts, TimeSpan LongestRest)
{
    // 5 s, 15 s, 45 s, 2 min, 7 min, 20 min, 1 h, 3 h: a short outage is soon over, a long one costs few attempts.
    private const double Growth = 3;

    // A fifth to either side, so that what failed at the same moment does not come back at the same moment.
    private const double Spread = 0.4;

    // A delivery or two may fail for what is in them; an endpoint rests when nothing gets through.
    private const int PatienceWithEndpoint = 3;

    /// <summary>The pause after an attempt that failed; null when it was the last.</summary>
    /// <param name="delivery">The delivery: from its id follows where in its spread the pause lies.</param>
    /// <param name="attempts">How many attempts there were, at least 1.</param>
    /// <param name="asked">What the endpoint asked for (<c>Retry-After</c>); it lengthens the pause, up to the longest.</param>
    public TimeSpan? PauseAfter(Guid delivery, int attempts, TimeSpan? asked = null)
    {
        if (attempts >= MaxAttempts)
        {
            return null;
        }

        TimeSpan pause = Grown(First, attempts - 1, Longest) * (1 - (Spread / 2) + (Spread * Share(delivery, attempts)));
        TimeSpan wish = asked < Longest ? asked.Value : asked is null ? TimeSpan.Zero : Longest;
        return pause > wish ? pause : wish;
    }

    /// <summary>How long an endpoint is left alone that has failed at everything so many times in a row.</summary>
    public TimeSpan RestAfter(int failures) =>
        failures < PatienceWithEndpoint
            ? TimeSpan.Zero
            : Grown(TimeSpan.FromSeconds(1), failures - PatienceWithEndpoint, LongestRest);

    private static TimeSpan Grown(TimeSpan first, int times, TimeSpan longest)
    {
        double seconds = first.TotalSeconds * Math.Pow(Growth, times);
        return seconds < longest.TotalSeconds ? TimeSpan.FromSeconds(seconds) : longest;
    }

    /// <summary>A number from 0 to 1 that looks like chance and is the same for the same attempt.</summary>
    private static double Share(Guid delivery, int attempts)
    {
        Span<byte> bytes = stackalloc byte[16];
        delivery.TryWriteBytes(bytes);
        ulong mixed = BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]) ^ ((ulong)attempts * 0x9E3779B97F4A7C15);
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
        return (mixed >> 11) / (double)(1UL << 53);
    }
}
