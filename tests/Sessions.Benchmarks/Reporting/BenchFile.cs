using System.Text.Json;
using Sessions.SystemTests.Harness;

namespace Sessions.Benchmarks.Reporting;

/// <summary><c>artifacts/bench.json</c>: the same figures for programs.</summary>
internal static class BenchFile
{
    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
    };

    public static async Task<string> Write(Bench bench)
    {
        string file = Path.Combine(Directory.CreateDirectory(Path.Combine(Repository.Root, "artifacts")).FullName, "bench.json");
        await File.WriteAllTextAsync(file, JsonSerializer.Serialize(
            new { Machine = Machine.Describe(), MeasuredAt = DateTime.UtcNow, bench.Facts, bench.Figures }, Format) + "\n");
        return file;
    }
}
