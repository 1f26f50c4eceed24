using System.Reflection;
using Sessions.Capture;
using Sessions.Tests.Architecture;

namespace Sessions.Tests.Capture;

/// <summary>The list of capture's steps names every reason for dropping an event and every warning.</summary>
public sealed class CapturePipelineTests
{
    [Fact]
    public void Each_drop_reason_and_warning_is_listed_at_a_step()
    {
        string steps = File.ReadAllText(Path.Combine(ArrowTests.Root, "src", "Sessions.Capture", "CapturePipeline.cs"));
        string[] reasons =
        [
            .. new[] { typeof(DropReason), typeof(CaptureReason) }
                .SelectMany(type => type.GetFields(BindingFlags.Public | BindingFlags.Static))
                .Select(reason => (string)reason.GetRawConstantValue()!),
        ];

        Assert.NotEmpty(reasons);
        Assert.DoesNotContain(reasons, reason => !steps.Contains(reason, StringComparison.Ordinal));
    }
}
