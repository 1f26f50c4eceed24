
namespace Sessions.Benchmarks.Load;

/// <summary>Whose a request is: a device's number, and its session's.</summary>
internal readonly record struct Visit(int Device, int Session)
{
    /// <summary>One device after the other, each with one session for good.</summary>
    public static Func<long, Visit> OneEach(int devices) => request => new Visit((int)(request % devices), (int)(request % devices));
}
