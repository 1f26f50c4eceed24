using System.Text;
using CsCheck;

namespace Sessions.Domain.Tests.Placing;

/// <summary>An event as a law's history has it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Time">When it happened.</param>
/// <param name="Person">The identified person; null for an anonymous event.</param>
/// <param name="Client">The client session it names; null when it names none.</param>
/// <param name="IdleTimeout">The client's idle timeout, when it says one.</param>
/// <param name="SenderOrder">Its place in its first call.</param>
internal sealed record Sent(Guid Id, DateTimeOffset Time, string? Person, Guid? Client, TimeSpan? IdleTimeout, long SenderOrder)
{
    public SessionEvent ToEvent() => new()
    {
        Id = Id,
        Name = Person is null ? "click" : "$identify",
        Timestamp = Time,
        DistinctId = Person ?? "anonymous",
        DeviceId = "device",
        SessionId = Client?.ToString(),
        SenderOrder = SenderOrder,
        Properties = IdleTimeout is { } timeout
            ? Encoding.UTF8.GetBytes($$"""{"$configured_session_timeout_ms":{{(long)timeout.TotalMilliseconds}}}""")
            : default,
    };

    public override string ToString() =>
        $"#{Id.ToString()[..8]} at {(Time - Histories.Noon).TotalMinutes} min{(Person is null ? "" : $" as {Person}")}"
        + $"{(Client is null ? "" : $" in {Client.ToString()![..8]}")}{(IdleTimeout is null ? "" : $" timeout {IdleTimeout}")}";
}

/// <summary>What befalls a device after a delivery.</summary>
internal enum Then
{
    Nothing,
    Reset,

    /// <summary>Its activation goes, and the next one begins with what is stored.</summary>
    Reopen,
}

/// <summary>Events that arrive in one call.</summary>
internal sealed record Delivery(DateTimeOffset Now, IReadOnlyList<Sent> Events, Then Then)
{
    public override string ToString() =>
        $"\n  {(Now - Histories.Noon).TotalMinutes} min: {string.Join("; ", Events)}{(Then == Then.Nothing ? "" : $", {Then}")}";
}

/// <summary>A device's life under a project's idle timeout.</summary>
internal sealed record History(TimeSpan IdleTimeout, IReadOnlyList<Delivery> Deliveries)
{
    public SessionRules Rules => new() { IdleTimeout = IdleTimeout };

    public IEnumerable<Sent> Events => Deliveries.SelectMany(delivery => delivery.Events);

    public override string ToString() => $"timeout {IdleTimeout}:{string.Concat(Deliveries)}";
}

/// <summary>
/// Histories in which gaps of exactly the timeout, lengths of exactly 24 hours and equal times are common: all times
/// lie on a grid of a third of the timeout.
/// </summary>
internal static class Histories
{
    public static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    // Under 8 hours the 24 hours are soon reached, exactly too.
    private static readonly Gen<TimeSpan> IdleTimeout = Gen.OneOf(TimeSpan.FromMinutes(30), TimeSpan.FromHours(8));

    private static readonly Gen<int> Lag = Gen.Frequency((4, Gen.Const(0)), (3, Gen.Int[0, 4]), (2, Gen.Int[0, 12]), (1, Gen.Int[0, 40]));

    private static readonly Gen<(int Lag, int Person, int Client, int Timeout, int Again)> Plain = Lag.Select(lag => (lag, 0, 0, 0, 99));

    private static readonly Gen<(int Lag, int Person, int Client, int Timeout, int Again)> Mixed = Gen.Select(
        Lag,
        Gen.Frequency((4, Gen.Const(0)), (1, Gen.Int[1, 2])),
        Gen.Frequency((5, Gen.Const(0)), (1, Gen.Int[1, 3])),
        Gen.Frequency((9, Gen.Const(0)), (1, Gen.Int[1, 2])),
        Gen.Frequency((5, Gen.Const(99)), (1, Gen.Int[0, 5])));

    /// <summary>Events without session ids, of nobody in particular, at most one a call.</summary>
    public static readonly Gen<History> OfPlainEvents = Of(Plain, Gen.Const(Then.Nothing), Gen.Int[1, 40], clientsRotate: true);

    /// <summary>
    /// Everything: client sessions, users, resets, lost activations, timeouts, events sent again. Where activations are
    /// lost the clients' sessions are no longer than a day: a longer one that lies behind eight later ones is not found
    /// again unless it is named.
    /// </summary>
    public static readonly Gen<History> OfAnything = Gen.OneOf(
        Of(
            Mixed,
            Gen.Frequency((8, Gen.Const(Then.Nothing)), (1, Gen.Const(Then.Reset)), (1, Gen.Const(Then.Reopen))),
            Gen.Int[1, 14],
            clientsRotate: true),
        Of(Mixed, Gen.Frequency((8, Gen.Const(Then.Nothing)), (1, Gen.Const(Then.Reset))), Gen.Int[1, 14], clientsRotate: false));

    public static Guid Id(int number) => new(number * 7919 % 10_007, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1);

    private static Gen<History> Of(
        Gen<(int Lag, int Person, int Client, int Timeout, int Again)> happening, Gen<Then> then, Gen<int> length, bool clientsRotate) =>
        from idleTimeout in IdleTimeout
        from calls in Gen.Select(Gen.Frequency((3, Gen.Int[0, 2]), (2, Gen.Int[2, 5])), happening.List[0, 4], then).List[length]
        select Play(idleTimeout, calls, clientsRotate);

    private static History Play(
        TimeSpan idleTimeout,
        List<(int Delay, List<(int Lag, int Person, int Client, int Timeout, int Again)> Events, Then Then)> calls,
        bool clientsRotate)
    {
        TimeSpan unit = idleTimeout / 3;
        DateTimeOffset now = Noon;
        var sent = new List<Sent>();
        var deliveries = new List<Delivery>();
        foreach (var call in calls)
        {
            now += call.Delay * unit;
            var events = new List<Sent>();
            foreach (var one in call.Events)
            {
                DateTimeOffset time = now - (one.Lag * unit);
                int day = clientsRotate ? 10 * (int)Math.Floor((time - Noon).TotalDays) : 0;
                Sent next = one.Again < sent.Count
                    ? sent[sent.Count - 1 - one.Again]
                    : new Sent(
                        Id(sent.Count + 1),
                        time,
                        one.Person == 0 ? null : $"person {one.Person}",
                        one.Client == 0 ? null : Id(5_000 + one.Client + day),
                        one.Timeout == 0 ? null : one.Timeout * unit * 2,
                        events.Count);
                sent.Add(next);
                events.Add(next);
            }

            deliveries.Add(new Delivery(now, events, call.Then));
        }

        return new History(idleTimeout, deliveries);
    }
}
