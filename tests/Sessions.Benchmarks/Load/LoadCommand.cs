using System.Globalization;
using Sessions.Benchmarks.Steady;
using Sessions.SystemTests.Harness;

namespace Sessions.Benchmarks.Load;

/// <summary>Puts load on a product that runs already, for whoever looks at it with a profiler meanwhile.</summary>
internal static class LoadCommand
{
    public const string Command = "load";

    public const string Usage = "load READY_FILE ingest|mixed|visitors EVENTS_A_REQUEST SECONDS";

    private const int Devices = 20_000;

    public static async Task<int> Run(string[] args)
    {
        if (args.Length != 5 || Ready.TryRead(args[1]) is not { } ready || VisitsFor(args[2]) is not { } visits
            || !args[3..].All(text => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out _)))
        {
            Console.Error.WriteLine($"bench: expected: {Usage}");
            return 2;
        }

        int[] numbers = [.. args[3..].Select(text => int.Parse(text, CultureInfo.InvariantCulture))];
        HttpLoad load = new(ready.Gateways[0], "/batch/", ready.ProjectToken, visits) { Devices = Devices, NamesSessions = args[2] != "mixed" };
        if (args[2] != "visitors")
        {
            LoadResult opened = await load.OpenDevices();
            Console.WriteLine($"opened: {opened.PerSecond:N0} events/s {opened.Complaint}");
        }

        LoadResult result = await load.Run(numbers[0], TimeSpan.FromSeconds(numbers[1]));
        Console.WriteLine($"{args[2]}, {numbers[0]} a request: {result.PerSecond:N0} events/s {result.Complaint}");
        return 0;
    }

    private static Visits? VisitsFor(string kind) => kind switch
    {
        "ingest" => VisitsOf.OneDeviceARequest(Devices),
        "mixed" => VisitsOf.OneDeviceAnEvent(Devices),
        "visitors" => ComingAndGoing.From(0),
        _ => null,
    };
}
