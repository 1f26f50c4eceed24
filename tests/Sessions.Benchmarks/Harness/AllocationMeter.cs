using System.Globalization;

namespace Sessions.Benchmarks.Harness;

/// <summary>Bytes that the product has allocated on its heaps, as its runtime counts them and its metrics tell.</summary>
internal static class AllocationMeter
{
    private const string Counter = "dotnet_gc_heap_total_allocated";

    /// <summary>All that the process behind the first gateway has allocated since it began; with one process that is all there is.</summary>
    /// <exception cref="InvalidOperationException">Its metrics don't tell.</exception>
    public static async Task<double> Read(Product product)
    {
        using var client = new HttpClient();
        string metrics = await client.GetStringAsync(new Uri(product.Ready.Gateways[0], "/metrics"));
        string line = metrics.Split('\n').FirstOrDefault(text => text.StartsWith(Counter, StringComparison.Ordinal))
            ?? throw new InvalidOperationException($"There is no {Counter} among the metrics.");
        return double.Parse(line.Split(' ')[1], CultureInfo.InvariantCulture);
    }
}
