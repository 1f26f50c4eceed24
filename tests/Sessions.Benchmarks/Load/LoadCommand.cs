using System.Globalization;
using Sessions.SystemTests.Harness;

namespace Sessions.Benchmarks.Load;

/// <summary>Puts load on a product that runs already, for whoever looks at it with a profiler meanwhile.</summary>
internal static class LoadCommand
{
    public const string Command = "load";

    public const string Usage = "load READY_FILE EVENTS_A_REQUEST SECONDS [DEVICES]";

    public static async Task<int> Run(string[] args)
    {
        if (args.Length is < 4 or > 5 || Ready.TryRead(args[1]) is not { } ready
            || !args[2..].All(text => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out _)))
        {
            Console.Error.WriteLine($"bench: expected: {Usage}");
            return 2;
        }

        int[] numbers = [.. args[2..].Select(text => int.Parse(text, CultureInfo.InvariantCulture))];
        var load = new HttpLoad(ready.Gateways[0], "/batch/", ready.ProjectToken, numbers.Length > 2 ? numbers[2] : 20_000);
        LoadResult opened = await load.OpenDevices();
        Console.WriteLine($"opened: {opened.PerSecond:N0} events/s {opened.Complaint}");
        LoadResult result = await load.Run(numbers[0], TimeSpan.FromSeconds(numbers[1]));
        Console.WriteLine($"{numbers[0]} a request: {result.PerSecond:N0} events/s {result.Complaint}");
        return 0;
    }
}
