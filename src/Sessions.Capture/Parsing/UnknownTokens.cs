namespace Sessions.Capture.Parsing;

/// <summary>
/// Asks the store about tokens that this gateway does not know, because another gateway may have made them a moment ago. A
/// request with a known token never waits here. Requests with unknown ones are limited in their number and in their bytes,
/// so that a flood of them takes nothing from the others.
/// </summary>
internal sealed class UnknownTokens(ITokenDirectory tokens)
{
    /// <summary>The most requests that wait at a time.</summary>
    public const int MostWaiting = 1_000;

    /// <summary>The most bytes of bodies that wait at a time: one of the largest size.</summary>
    public const long MostBytes = 64L << 20;

    private int _waiting;
    private long _bytes;

    /// <summary>Runs a step again with the store's answer if it meets an unknown token.</summary>
    /// <param name="step">Reads a token. Its refusal names the unknown tokens.</param>
    /// <param name="held">The bytes that the request holds meanwhile.</param>
    /// <exception cref="CaptureRefusedException">
    /// The token is unknown: 401. Or the store can't answer now, or too many requests wait for it: 503.
    /// </exception>
    public async Task<T> Try<T>(Func<T> step, long held)
    {
        IReadOnlyCollection<string> unknown;
        try
        {
            return step();
        }
        catch (CaptureRefusedException refused) when (refused.Refusal.UnknownTokens.Count > 0)
        {
            unknown = refused.Refusal.UnknownTokens;
        }

        await LookUp(unknown, held);
        return step();
    }

    /// <summary>Asks the store about tokens.</summary>
    /// <exception cref="CaptureRefusedException">The store can't answer now, or too many requests wait for it: 503.</exception>
    public async Task LookUp(IReadOnlyCollection<string> unknown, long held)
    {
        try
        {
            if ((Interlocked.Increment(ref _waiting) > MostWaiting) | (Interlocked.Add(ref _bytes, held) > MostBytes))
            {
                throw new CaptureRefusedException(CaptureRefusal.TokenUncertain());
            }

            await tokens.LookUp(unknown);
        }
        catch (SessionsUnavailableException)
        {
            throw new CaptureRefusedException(CaptureRefusal.TokenUncertain());
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
            Interlocked.Add(ref _bytes, -held);
        }
    }
}
