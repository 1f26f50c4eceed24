using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Sessions.Client.Projects;

/// <summary>
/// Validates options by their attributes. Microsoft's own validation would add a package dependency to every backend.
/// </summary>
internal sealed class AnnotationCheck<TOptions> : IValidateOptions<TOptions>
    where TOptions : class
{
    public ValidateOptionsResult Validate(string? name, TOptions options)
    {
        List<ValidationResult> faults = [];
        return Validator.TryValidateObject(options, new ValidationContext(options), faults, validateAllProperties: true)
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail(faults.Select(fault => $"{typeof(TOptions).Name}: {fault.ErrorMessage}"));
    }
}
