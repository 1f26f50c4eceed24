namespace Sessions.Domain.Quotas;

/// <summary>
/// What may still be taken at a rate: a token bucket. It holds at most what <see cref="Burst"/> brings. A request is taken
/// whole while something is left, and may leave a debt, so that a batch of any size gets through and the average still holds.
/// </summary>
/// <param name="Left">What is left; negative for a debt.</param>
/// <param name="At">When that was, on a clock that is never set.</param>
public readonly record struct RateAllowance(double Left, TimeSpan At)
{
    /// <summary>How long nothing must have been taken until the allowance is full.</summary>
    public static readonly TimeSpan Burst = TimeSpan.FromSeconds(10);

    /// <summary>A full allowance.</summary>
    public static RateAllowance Full(double perSecond, TimeSpan now) => new(perSecond * Burst.TotalSeconds, now);

    /// <summary>The allowance at a later time.</summary>
    public RateAllowance Later(double perSecond, TimeSpan now) => new(
        Math.Min(perSecond * Burst.TotalSeconds, Left + (perSecond * Math.Max(0, (now - At).TotalSeconds))), now > At ? now : At);

    /// <summary>How long until something is left. Zero when something is.</summary>
    public TimeSpan Wait(double perSecond) => Left > 0 ? TimeSpan.Zero : TimeSpan.FromSeconds(Math.Max(1, -Left / perSecond));

    /// <summary>The allowance after something was taken.</summary>
    public RateAllowance Less(double taken) => this with { Left = Left - taken };
}
