using Sessions.Host.Configuration;

namespace Sessions.Host;

/// <summary>The parts that all commands share: how they fail, and how they print their version.</summary>
internal static class Commands
{
    /// <summary>Runs a command and turns a failure into one line on standard error and an exit code.</summary>
    public static async Task<int> Run(Func<Task<int>> command)
    {
        try
        {
            return await command();
        }
        catch (Exception wrong) when (wrong is ConfigurationException or OrleansConfigurationException)
        {
            return Fail(RoleConfiguration.FirstLine(wrong), ExitCodes.Wrong);
        }
        catch (Exception failure)
        {
            return Fail(RoleConfiguration.Reason(failure), ExitCodes.Failed);
        }
    }

    /// <summary>Prints the version of this build.</summary>
    public static int PrintVersion()
    {
        Console.WriteLine($"Orleans.Sessions {ProductVersion.Number} {ProductVersion.Commit}".TrimEnd());
        return ExitCodes.Stopped;
    }

    /// <summary>Prints why a command failed.</summary>
    public static int Fail(string reason, int exitCode)
    {
        Console.Error.WriteLine(ExitCodes.Prefix + reason);
        return exitCode;
    }
}
