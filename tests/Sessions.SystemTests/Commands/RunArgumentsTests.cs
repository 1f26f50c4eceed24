using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Sessions.SystemTests.Harness;

namespace Sessions.SystemTests.Commands;

/// <summary>The errors of <c>./run</c> when it cannot do what it is asked.</summary>
[Collection(Lane.Shared)]
public sealed class RunArgumentsTests(SharedCluster shared)
{
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(3);

    [Theory]
    [InlineData("an option that does not exist", "--bananas")]
    [InlineData("an option without its value", "--port")]
    [InlineData("a port that is no number", "--port", "eighty")]
    [InlineData("a port that is too high", "--port", "70000")]
    [InlineData("no silo", "--silos", "0")]
    [InlineData("a silo too few", "--silos", "-1")]
    [InlineData("no gateway", "--silos", "2", "--gateways", "0")]
    [InlineData("something that is no option", "now")]
    [InlineData("a connection string that is none", "--postgres", "over there")]
    public async Task Wrong_arguments_exit_with_2_and_an_error_of_one_line(string wrong, params string[] arguments)
    {
        using TempFolder data = new();

        Ended run = await Run(["--data", data.Path, .. arguments]);

        Assert.True(run.Code == 2, $"{wrong}: {run}");
        Assert.True(run.Errors.Length == 1, $"{wrong}: {run}");
        Assert.DoesNotContain("   at ", run.Errors[0], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("an idle timeout that is no time", "Sessions__IdleTimeout", "soon")]
    [InlineData("an idle timeout under a minute", "Sessions__IdleTimeout", "00:00:59")]
    [InlineData("an idle timeout over ten hours", "Sessions__IdleTimeout", "10:00:01")]
    public async Task A_wrong_setting_exits_with_2_and_an_error_of_one_line_with_its_name(
        string wrong, string name, string value)
    {
        using TempFolder data = new();

        Ended run = await Run(["--data", data.Path, "--port", $"{Ports.Free()}"], new() { [name] = value });

        Assert.True(run.Code == 2, $"{wrong}: {run}");
        Assert.True(run.Errors.Length == 1, $"{wrong}: {run}");
        Assert.Contains("IdleTimeout", run.Errors[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_in_use_exits_with_1_and_an_error_that_names_the_port()
    {
        using TempFolder data = new();
        using TcpListener taken = new(IPAddress.Loopback, Ports.Free());
        taken.Start();
        int port = ((IPEndPoint)taken.LocalEndpoint).Port;

        Ended run = await Run(["--data", data.Path, "--port", $"{port}"]);

        Assert.True(run.Code == 1, run.ToString());
        Assert.Contains(run.Errors, line => line.Contains($"{port}", StringComparison.Ordinal));
        Assert.DoesNotContain(run.Errors, line => line.Contains("   at ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_unreachable_Postgres_exits_with_1_and_an_error_that_names_host_and_port()
    {
        using TempFolder data = new();
        int nobody = Ports.Free();

        Ended run = await Run(
            ["--data", data.Path, "--port", $"{Ports.Free()}", "--postgres", $"Host=127.0.0.1;Port={nobody};Username=x;Database=x"],
            new() { ["Postgres__StartPatience"] = "00:00:01" });

        Assert.True(run.Code == 1, run.ToString());
        Assert.Contains($"Postgres at 127.0.0.1:{nobody} could not be reached within 1 s", Assert.Single(run.Errors), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_help_lists_every_option()
    {
        Ended run = await Run(["--help"]);

        Assert.True(run.Code == 0, run.ToString());
        string text = string.Join('\n', run.Output);
        Assert.All(
            ["--port", "--data", "--silos", "--gateways", "--postgres", "--ready-file", "--help"],
            option => Assert.Contains(option, text, StringComparison.Ordinal));
    }

    private async Task<Ended> Run(IEnumerable<string> arguments, Dictionary<string, string>? environment = null)
    {
        // The first start of all builds, and says so.
        _ = await shared.Started;
        using Process run = RunProgram.Start(arguments, environment);
        using CancellationTokenSource bound = new(Bound);
        try
        {
            Task<string> output = run.StandardOutput.ReadToEndAsync(bound.Token);
            Task<string> errors = run.StandardError.ReadToEndAsync(bound.Token);
            await run.WaitForExitAsync(bound.Token);
            return new Ended(run.ExitCode, Lines(await output), Lines(await errors));
        }
        finally
        {
            if (!run.HasExited)
            {
                Signals.Term(run.Id);
            }
        }
    }

    private static string[] Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private sealed record Ended(int Code, string[] Output, string[] Errors)
    {
        public override string ToString() =>
            $"exit {Code}{Environment.NewLine}{string.Join(Environment.NewLine, Output)}{Environment.NewLine}stderr:{Environment.NewLine}{string.Join(Environment.NewLine, Errors)}";
    }
}
