using Sessions.Benchmarks.Load;

namespace Sessions.Benchmarks.Steady;

/// <summary>
/// Visitors who come, send some requests among as many others, go, and come back later with a new session: devices stay,
/// sessions begin and end at one rate.
/// </summary>
internal static class ComingAndGoing
{
    private const int RequestsAVisit = 5;

    // Each comes back when the others have been there.
    private const int Devices = 200_000;

    // So many visit at once: at 1,000 requests a second each sends one in 20 seconds.
    private const int AtOnce = 20_000;

    /// <summary>The visitors, beginning with the request of a number.</summary>
    public static Visits From(long first) => (request, _, _) => Of(first + request);

    /// <summary>Whose the request of this number is.</summary>
    private static Visit Of(long request)
    {
        long slot = request % AtOnce;
        // A fifth of all requests begins a visit, at any moment: not first all beginnings, then none.
        long visit = ((request / AtOnce) + (slot % RequestsAVisit)) / RequestsAVisit;
        int session = (int)((visit * AtOnce) + slot);
        return new Visit(session % Devices, session);
    }
}
