using System.Diagnostics;
using Sessions.Tests.Architecture;

namespace Sessions.Tests.Web.Pages.Charts;

/// <summary>How charts are drawn and what their tooltips say. The tests are scripts, which Node runs.</summary>
public sealed class ChartScriptTests
{
    [Theory]
    [InlineData("numbers.test.js")]
    [InlineData("chart-options.test.js")]
    [InlineData("chart.test.js")]
    [Trait("Needs", "Npm")]
    public async Task Charts_are_drawn_as_their_scripts_tests_say(string script)
    {
        ProcessStartInfo start = new("node", ["--test", "--test-reporter=tap", Path.Combine("tests", "Sessions.Tests", "Web", "Pages", "Charts", script)])
        {
            WorkingDirectory = ArrowTests.Root,
            RedirectStandardOutput = true,
        };
        using Process node = Process.Start(start)!;
        string results = await node.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await node.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.True(node.ExitCode == 0, results);
        Assert.DoesNotContain("# pass 0", results, StringComparison.Ordinal);
    }
}
